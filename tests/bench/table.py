"""Writes the measured tables into docs/performance.md, between their markers: ``python -m tests.bench.table``."""

import re
from pathlib import Path
from typing import Any

from tests.bench.report import ROOT, Outcome, Row, Section, describe, read

PAGE = ROOT / "docs" / "performance.md"
BLOCK = re.compile(r"(<!-- bench:(\S+) -->\n)(.*?)(<!-- bench:end -->)", re.S)


def fill(page: str, sections: dict[str, dict[str, Any]]) -> str:
    """The page with each block that names a measured section replaced; the others keep what was measured before."""

    def block(found: re.Match[str]) -> str:
        begin, name, before, end = found.groups()
        return begin + (render(sections[name]) if name in sections else before) + end

    return BLOCK.sub(block, page)


def render(kept: dict[str, Any]) -> str:
    """Tables, then where, when and how."""
    section = Section(
        id=kept["id"],
        method=kept["method"],
        rows=tuple(Row(**row) for row in kept["rows"]),
        outcomes=tuple(Outcome(**one) for one in kept["outcomes"]),
        load=tuple(kept["load"]) if kept["load"] else None,
    )
    load = f" Load {section.load[0]} before, {section.load[1]} after." if section.load else ""
    note = f"*{kept['measured']}; {kept['machine']}. Method: {section.method}{load}*"
    return "\n".join([*describe(section), "", note, ""])


def main(page: Path = PAGE) -> None:
    """Rewrite the page from .garrison/reports/bench.json."""
    page.write_text(fill(page.read_text(encoding="utf-8"), read()["sections"]), encoding="utf-8")


if __name__ == "__main__":
    main()
