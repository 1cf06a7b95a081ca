"""Lines of sshd's files: which of them decides an option, and which stand in a Match block."""

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
        option, _, value = text.replace("=", " ", 1).partition(" ")
        value = " ".join(value.split()).strip('"')
        if option.lower() == "match":
            blocks[file] = "" if value.lower() == "all" else f"Match {value}"
        else:
            yield Line(file=file, block=blocks.get(file, ""), option=option.lower(), value=value)


def find_origin(option: str, lines: Iterable[str]) -> str:
    """The file that decides an option for everybody: the first one, or all where values add up; empty for none."""
    name = option.lower()
    found = [line.file for line in read_lines(lines) if not line.block and line.option == name]
    return ", ".join(dict.fromkeys(found if name in _ADD_UP else found[:1]))
