"""Lines of sshd's files: which of them decides an option, and which stand in a Match block."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ADD_UP = frozenset({"allowgroups", "allowusers", "denygroups", "denyusers", "acceptenv"})


@dataclass(frozen=True, kw_only=True)
class Line:
    """An option in lower case; ``block`` is empty where it holds for everybody."""

    file: str
    block: str
    option: str
    value: str


def read_lines(lines: Iterable[str]) -> Iterator[Line]:
    """``FILE: TEXT`` line by line. A Match block ends with the next one, with ``Match all``, or with its file."""
    blocks: dict[str, str] = {}
    for line in lines:
        file, _, text = line.partition(": ")
        option, value = split_line(text)
        if option.lower() == "match":
            blocks[file] = "" if value.lower() == "all" else f"Match {value}"
        else:
            yield Line(file=file, block=blocks.get(file, ""), option=option.lower(), value=value)


def split_line(text: str) -> tuple[str, str]:
    """An option and its value as sshd divides them: by blanks, tabs or one =; a # behind them begins a comment."""
    option, _, value = re.sub(r"[\s=]+", " ", text.strip(), count=1).partition(" ")
    value = " ".join(value.split())
    if '"' not in value:
        value = re.sub(r"(^| )#.*", "", value)
    return option.strip('"'), value.strip('"')


def find_origin(option: str, lines: Iterable[str]) -> str:
    """The file that decides an option for everybody: the first one, or all where values add up; empty for none."""
    name = option.lower()
    found = [line.file for line in read_lines(lines) if not line.block and line.option == name]
    return ", ".join(dict.fromkeys(found if name in _ADD_UP else found[:1]))
