"""How files get onto a host: what somebody changed there by hand is kept before it is overwritten or removed."""

import base64
import io
import shlex
import tarfile
from collections.abc import Iterable, Mapping

STATE = "/var/lib/garrison"
LAID = f"{STATE}/laid"  # a copy of each file as it was laid: what differs from it was changed by hand
EDITS = f"{STATE}/edits"
KEPT = 50  # moments whose edits stay on the host

# Root's alone, whatever the mode of the files: who may not read the one may not read its copy either.
_KEEP = """
set -eu
root=${1%/} state=$2 kept=$3; shift 3
install -d -m 0755 "$state"; install -d -m 0700 "$state/edits" "$state/laid"
rm -rf "$state"/laying.*
work=$(mktemp -d "$state/laying.XXXXXX"); trap 'rm -rf "$work"' EXIT
edits="$state/edits/$(date -u +%Y%m%dT%H%M%SZ)"
keep() {
  test -f "$root/$1" && test ! -L "$root/$1" || return 0
  if cmp -s "$state/laid/$1" "$root/$1"; then return 0; fi
  (umask 077; install -D -m 0600 "$root/$1" "$edits/$1") || exit 1
  ls -1 "$state/edits" | head -n "-$kept" | while read -r old; do rm -rf "$state/edits/$old"; done
}
"""
# Whoever reads a file meanwhile, or after the power went, finds the old one or the new one. What is begun bears a name
# that programs pass over which read whole folders.
_PUT = """
set -eu
cd "$1"
as='s,[^/]*$,.&.dpkg-tmp,'
names=$(tar -xzvp --no-same-owner --no-overwrite-dir --transform="$as" --show-transformed-names --quoting-style=literal)
test -n "$names" || exit 0
printf '%s\\n' "$names" | xargs -d '\\n' sync --
printf '%s\\n' "$names" | while read -r new; do
  place=${new%/*}; test "$place" != "$new" || place=.
  name=${new##*/}; name=${name#.}
  mv -fT "$new" "$place/${name%.dpkg-tmp}"
done
printf '%s\\n' "$names" | xargs -d '\\n' dirname -- | sort -u | xargs -d '\\n' sync --
"""
_LAY = """
remember=$1 put=$2; shift 2
base64 -d >"$work/tar"
mkdir "$work/new"; tar -xzf "$work/tar" --no-same-owner -C "$work/new"
(cd "$work/new"; find . -type f) >"$work/list"
while read -r path; do
  path=${path#./}
  cmp -s "$work/new/$path" "$root/$path" || keep "$path"
done <"$work/list"
"$@" sh -c "$put" put "$root/" <"$work/tar"
if test "$remember" = yes; then sh -c "$put" put "$state/laid" <"$work/tar"; fi
"""
_WITHDRAW = """
for path; do
  path=${path#/}
  keep "$path"
  rm -f "$root/$path" "$state/laid/$path"
done
"""


def lay_line(by: Iterable[str] = (), *, remember: bool = True, root: str = "/", state: str = STATE) -> str:
    """The shell line that puts the files of ``archive`` on its standard input in place, each at once and for good.

    ``by`` are words that run a command as whom the files shall belong to. Without ``remember`` no copy of what was
    laid is kept: for files whose path says what is in them.
    """
    words = ("yes" if remember else "no", _PUT, *by)
    return shlex.join(["sh", "-c", _KEEP + _LAY, "lay", root, state, str(KEPT), *words])


def withdraw_line(paths: Iterable[str], *, root: str = "/", state: str = STATE) -> str:
    """The shell line that removes files of ours."""
    return shlex.join(["sh", "-c", _KEEP + _WITHDRAW, "withdraw", root, state, str(KEPT), *paths])


def archive(files: Mapping[str, tuple[int, bytes]]) -> str:
    """A gzipped tar of ``path -> (mode, content)`` in base64 lines, owned by root, the same bytes each time.

    base64 because pyinfra's standard input is text and gets a final newline.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6) as tar:
        for path, (mode, content) in sorted(files.items()):
            info = tarfile.TarInfo(path.lstrip("/"))
            info.mode, info.size = mode, len(content)
            tar.addfile(info, io.BytesIO(content))
    return base64.encodebytes(buffer.getvalue()).decode()
