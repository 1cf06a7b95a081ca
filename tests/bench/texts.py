"""Real texts: what Python's own modules and the services' libraries say of themselves; the same ones each time."""

import ast
import random
import sysconfig
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.bench.report import ROOT


class Passage(NamedTuple):
    """What one module says about one of its parts."""

    module: str
    part: str
    text: str


@cache
def passages() -> tuple[Passage, ...]:
    """All docstrings of the standard library that say more than a line."""
    return tuple(_walk(Path(sysconfig.get_path("stdlib"))))


@cache
def more_passages() -> tuple[Passage, ...]:
    """Those, and the docstrings of every library in the services' environment."""
    (packages,) = (ROOT / ".venv-services" / "lib").glob("python3*/site-packages")
    return (*passages(), *_walk(packages))


def _walk(library: Path) -> Iterator[Passage]:
    for path in sorted(library.rglob("*.py")):
        name = path.relative_to(library)
        if not set(name.parts) & {"site-packages", "test", "tests"}:
            yield from _read(path, name)


def _read(path: Path, name: Path) -> Iterator[Passage]:
    module = ".".join(name.with_suffix("").parts)
    with warnings.catch_warnings(action="ignore"):  # of escapes, in some library's strings
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
