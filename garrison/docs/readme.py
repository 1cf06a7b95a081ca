"""A service's own README as a part of a page: its title left out, headings moved down, links still leading there."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import relpath

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_HEADING = re.compile(r"^#+ ")
_LINK = re.compile(r"(\]\()([^)#\s]+)")
_DEEPEST = 6


def include_readme(text: str, *, folder: PurePosixPath, page: PurePosixPath, down: int) -> str:
    """``text`` of the README in ``folder`` as it reads in ``page``, with each heading ``down`` levels deeper.

    Both are paths from the top of the repository. What stands in a fence of code stays as it is.
    """
    return "\n".join(_lines(text, folder, page, down)).strip("\n") + "\n"


def _lines(text: str, folder: PurePosixPath, page: PurePosixPath, down: int) -> Iterator[str]:
    fence: str | None = None
    for line in text.splitlines():
        found = _FENCE.match(line)
        if fence is None and found:
            fence = found[1]
        elif fence is not None:
            fence = None if found and found[1].startswith(fence) else fence
        elif line.startswith("# "):
            continue
        else:
            line = _moved(_deeper(line, down), folder, page)
        yield line


def _deeper(line: str, down: int) -> str:
    found = _HEADING.match(line)
    if not found:
        return line
    level = min(_DEEPEST, len(found[0]) - 1 + down)
    return f"{'#' * level} {line[found.end() :]}"


def _moved(line: str, folder: PurePosixPath, page: PurePosixPath) -> str:
    def move(found: re.Match[str]) -> str:
        begin, target = found.groups()
        if ":" in target or target.startswith(("/", "#")):
            return found[0]
        return f"{begin}{relpath(str(folder / target), str(page.parent))}"

    return _LINK.sub(move, line)
