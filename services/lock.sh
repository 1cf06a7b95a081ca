#!/bin/sh
# Locks what the services' images and tests install, with hashes. `sh services/lock.sh UV [--upgrade]`
set -eu
cd "$(dirname "$0")"
uv=$1
shift
compile() {
    "$uv" pip compile --quiet --native-tls --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" --overrides requirements-overrides.txt "$@"
}
for folder in embeddings embeddings/model aidb; do
    if [ -f "$folder/requirements.in" ]; then
        compile "$@" --python-version 3.13 "$folder/requirements.in" --output-file "$folder/requirements.lock"
    fi
done
compile "$@" --python-version 3.11 requirements-test.in --output-file requirements-test.lock
