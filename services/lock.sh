#!/bin/sh
# Locks what the services' images and tests install, with hashes. `sh services/lock.sh UV [--upgrade]`
set -eu

uv=$(realpath "$1")
cd "$(dirname "$0")"
shift
compile() {
    "$uv" pip compile --quiet --native-tls --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" --overrides requirements-overrides.txt "$@"
}
# Every image's own list: of services, of the lab's stand-ins, of the example that the tests follow.
find -- * ../garrison/lab/stand_ins ../tests/fixtures/first_party_service -name requirements.in -not -path "*_kit/*" | sort | while read -r list; do
    compile "$@" --python-version 3.13 "$list" --output-file "${list%.in}.lock"
done
compile "$@" --python-version 3.11 requirements-test.in --output-file requirements-test.lock
