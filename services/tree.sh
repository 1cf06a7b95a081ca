#!/bin/sh
# Prints a folder with Debian 13's PostgreSQL, pgvector and Redis, which the services' tests start for themselves.
# It is made once and kept in the cache, under a name that says what is in it.
set -eu
suite=trixie
packages=postgresql-17,postgresql-17-pgvector,redis-server
cache="${XDG_CACHE_HOME:-$HOME/.cache}/garrison/services-tree"
name=$(printf '%s %s' "$suite" "$packages" | sha256sum | cut -c 1-16)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -d "$cache/$name" ]; then
    echo "making a folder with $packages: about a minute" >&2
    rm -rf "$cache/$name.new"
    python3 -m garrison.lab mirror "$suite" >"$cache/sources"
    mmdebstrap --quiet --variant=minbase --include="$packages" "$suite" "$cache/$name.new" "$cache/sources" >&2
    mv "$cache/$name.new" "$cache/$name"
fi
echo "$cache/$name"
