"""Tells, as JSON, which files of ours differ from the copies of what was laid. Runs on the host, piped, as root.

Only the standard library. Argument: a JSON object with ``laid`` (the folder of copies) and ``also`` (paths to tell of
that may have no copy). The answer has, for each path that differs or has no copy, what it is now and what it was.
"""

import contextlib
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

LARGEST = 262_144


def describe(path: str) -> dict[str, Any] | None:
    """Mode and text of a regular file; ``text`` is None for what is no text or too long to show."""
    try:
        info = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(info.st_mode):
        return {"kind": "link" if stat.S_ISLNK(info.st_mode) else "other", "mode": 0, "text": None}
    found: dict[str, Any] = {"kind": "file", "mode": stat.S_IMODE(info.st_mode), "text": None}
    if info.st_size <= LARGEST:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            found["text"] = Path(path).read_bytes().decode()
    return found


def is_same(one: str, other: str) -> bool:
    """Whether both are regular files with the same bytes and mode."""
    try:
        first, second = os.lstat(one), os.lstat(other)
        if not stat.S_ISREG(second.st_mode) or first.st_size != second.st_size:
            return False
        same_mode = stat.S_IMODE(first.st_mode) == stat.S_IMODE(second.st_mode)
        return same_mode and Path(one).read_bytes() == Path(other).read_bytes()
    except OSError:
        return False


def copies(folder: str) -> dict[str, str]:
    """Where each laid file's copy lies, by the file's own path."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            copy = Path(place, name)
            found[f"/{copy.relative_to(folder)}"] = str(copy)
    return found


def tell(laid: str, also: list[str]) -> dict[str, Any]:
    known = copies(laid)
    differing = {path: copy for path, copy in known.items() if not is_same(copy, path)}
    files = [
        {"path": path, "laid": describe(copy), "now": describe(path)} for path, copy in differing.items()
    ]
    files += [{"path": path, "laid": None, "now": describe(path)} for path in also if path not in known]
    return {"copies": len(known), "files": sorted(files, key=lambda one: str(one["path"]))}


if __name__ == "__main__":
    want = json.loads(sys.argv[1])
    json.dump(tell(want["laid"], want["also"]), sys.stdout)
