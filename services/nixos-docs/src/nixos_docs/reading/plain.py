"""Plain text and reStructuredText: a line that is underlined is a heading."""

import re

from nixos_docs.reading.page import Builder, Page, make_page

_LINE = re.compile(r"^([=\-~^\"'#*+`:.])\1{2,}\s*$")
_SETS = "#*=-^~\"'+`:."


def read_plain(path: str, text: str) -> Page:
    """The page in ``text``."""
    lines = text.replace("\r\n", "\n").split("\n")
    builder, levels = Builder(), dict[str, int]()
    number = 0
    while number < len(lines):
        line = lines[number]
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if _is_heading(line, below):
            level = levels.setdefault(below[0], len(levels) + 1)
            builder.heading(level, line)
            number += 2
        else:
            builder.text("" if _LINE.match(line) and _is_heading(below, line) else f"{line}\n")
            number += 1
    return make_page(path, "", builder.finish(), text)


def _is_heading(line: str, below: str) -> bool:
    return bool(line.strip() and not line[0].isspace() and _LINE.match(below)) and (
        len(below.rstrip()) + 2 >= len(line.rstrip()) and not _LINE.match(line)
    )
