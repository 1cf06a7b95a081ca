#!/bin/sh
# Runs the tests of one service and prints what they said in one piece: `sh services/test.sh services/NAME/tests`
set -eu
top=$(realpath "$(dirname "$0")/..")
said=$(mktemp)
trap 'rm -f "$said"' EXIT
status=0
(cd "$1/.." && "$top/.venv-services/bin/pytest" -q tests) >"$said" 2>&1 || status=1
echo "== $1"
cat "$said"
exit $status
