"""The files of a fetched pack that the operator's globs choose."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from nixos_docs.packs import Pack


def choose(pack: Pack, files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Name (its first ``strip`` parts taken off) and content of each chosen file."""
    wanted = [_compile(glob) for glob in pack.include]
    unwanted = [_compile(glob) for glob in pack.exclude]
    for name, content in files:
        parts = PurePosixPath(name).parts[pack.strip :]
        path = "/".join(part for part in parts if part not in ("/", "."))
        is_wanted = not wanted or any(glob.fullmatch(path) for glob in wanted)
        if path and is_wanted and not any(glob.fullmatch(path) for glob in unwanted):
            yield path, content


def _compile(glob: str) -> re.Pattern[str]:
    """``*`` stays within a folder, ``**`` crosses folders, and ``**/`` may be no folder at all."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(signs.get(part) or re.escape(part) for part in parts), re.DOTALL)
