"""Real texts of this repository, cut to pieces: the same ones each time."""

import random
import re

from tests.bench.report import ROOT

SOURCES = (
    "LICENSE",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/operating.md",
    "docs/performance.md",
)


def words() -> list[str]:
    """All words of the documentation and the licence, without tables and code."""
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in SOURCES]
    pages += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    prose = [re.sub(r"```.*?```|^\|.*$|<[^>]*>", " ", page, flags=re.S | re.M) for page in pages]
    return [word for page in prose for word in page.split()]


def pieces(count: int, shortest: int, longest: int, seed: int = 7) -> list[str]:
    """``count`` pieces of so many words."""
    every, dice = words(), random.Random(seed)  # noqa: S311 - nothing secret about it
    found = []
    for _ in range(count):
        size = dice.randint(shortest, longest)
        start = dice.randrange(len(every) - size)
        found.append(" ".join(every[start : start + size]))
    return found
