#!/bin/sh
# Puts the key and the next key, which nobody sends yet, into the one file that the server reads, then becomes it.
set -eu
umask 077
keys=/tmp/keys

read_key() {
    [ -r "$1" ] || { echo "start.sh: $1 can't be read" >&2; exit 1; }
    key=$(cat "$1")
    case $key in
        *[!A-Za-z0-9_-]* | "") echo "start.sh: $1 is not a key of letters and digits" >&2; exit 1 ;;
    esac
    [ "${#key}" -ge 32 ] || { echo "start.sh: $1 is shorter than 32 characters" >&2; exit 1; }
    printf '%s\n' "$key"
}

read_key /run/secrets/llama_cpp_key > "$keys"
read_key /run/secrets/llama_cpp_key_standby >> "$keys"
exec /usr/bin/llama-server "$@"
