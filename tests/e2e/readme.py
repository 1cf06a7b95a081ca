"""The commands of README.md's tour, and how they ended."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

_BLOCK = re.compile(r"^(?P<indent> *)```sh\n(?P<lines>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"\s+#\s+(?P<text>[^#]*)$")


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command as it stands there, and what the comment behind it promises."""

    text: str
    promise: str | None


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a command did."""

    exit: int
    output: str


def read_commands(readme: str, heading: str) -> list[Command]:
    """The commands of every ``sh`` block below a heading, in order."""
    section = readme.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = "".join(dedent(block["lines"]) for block in _BLOCK.finditer(section))
    whole = re.sub(r"\\\n\s*", "", blocks)
    return [_parse(line) for line in whole.splitlines() if line.strip()]


def _parse(line: str) -> Command:
    comment = _COMMENT.search(line)
    if not comment:
        return Command(text=line, promise=None)
    return Command(text=line[: comment.start()], promise=comment["text"].strip())


def run_commands(commands: list[Command], checkout: Path, scratch: Path) -> list[Ended]:
    """Run all of them in one shell, as somebody does who types them one after the other."""
    script = "\n".join(
        f"{{ {command.text}\n}} > {scratch}/{number}.out 2>&1 < /dev/null\necho $? > {scratch}/{number}.exit"
        for number, command in enumerate(commands)
    )
    subprocess.run(["bash", "-c", script], cwd=checkout, check=True, timeout=1200)
    return [
        Ended(
            exit=int((scratch / f"{number}.exit").read_text()), output=(scratch / f"{number}.out").read_text()
        )
        for number in range(len(commands))
    ]
