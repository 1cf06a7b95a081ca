"""Real texts: what the documentation of Python's own modules says, cut to pieces, the same ones each time."""

import ast
import random
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Passage(NamedTuple):
    """What one module says about one of its parts."""

    module: str
    part: str
    text: str


@cache
def passages() -> tuple[Passage, ...]:
    """All docstrings of the standard library that say more than a line."""
    library = Path(sysconfig.get_path("stdlib"))
    files = [
        path
        for path in sorted(library.rglob("*.py"))
        if not set(path.parts) & {"site-packages", "test", "tests"}
    ]
    return tuple(passage for path in files for passage in _read(path, path.relative_to(library)))


def _read(path: Path, name: Path) -> Iterator[Passage]:
    module = ".".join(name.with_suffix("").parts)
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node) or ""
            if len(text) > 100:
                yield Passage(module, getattr(node, "name", module), text)


def pieces(count: int, shortest: int, longest: int, seed: int = 7) -> list[str]:
    """``count`` pieces of so many words."""
    words, dice = _words(), random.Random(seed)  # noqa: S311 - nothing secret about it
    found = []
    for _ in range(count):
        size = dice.randint(shortest, longest)
        start = dice.randrange(len(words) - size)
        found.append(" ".join(words[start : start + size]))
    return found


@cache
def _words() -> tuple[str, ...]:
    return tuple(word for passage in passages() for word in passage.text.split())


def questions(count: int, seed: int = 11) -> list[str]:
    """``count`` queries of two or three words that stand near each other somewhere."""
    dice, found = random.Random(seed), list[str]()  # noqa: S311 - nothing secret about it
    while len(found) < count:
        words = [word for word in dice.choice(passages()).text.split() if word.isalpha() and len(word) > 3]
        if len(words) > 8:
            start = dice.randrange(len(words) - 3)
            found.append(" ".join(words[start : start + dice.randint(2, 3)]))
    return found
