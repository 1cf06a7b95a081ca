"""docs/checking.md explains every number of a family that no control has."""

import re
from collections import defaultdict
from pathlib import Path

from garrison.controls.load import load_controls

ROW = re.compile(r"^\| ([A-Z])(\d{2})(?: to [A-Z](\d{2}))? \|", re.MULTILINE)


def explained(root: Path) -> set[str]:
    """The numbers in the first column of the table."""
    page = (root / "docs" / "checking.md").read_text(encoding="utf-8")
    section = page.split("## Numbers without a record")[1].split("\n## ")[0]
    rows = [(letter, int(first), int(last or first)) for letter, first, last in ROW.findall(section)]
    return {f"{letter}{number:02}" for letter, first, last in rows for number in range(first, last + 1)}


def gaps() -> set[str]:
    """Numbers below a family's highest that no control has."""
    known: dict[str, set[int]] = defaultdict(set)
    for name in load_controls().by_id:
        known[name[0]].add(int(name[1:]))
    return {
        f"{letter}{number:02}"
        for letter, numbers in known.items()
        for number in range(1, max(numbers))
        if number not in numbers
    }


def test_every_number_without_a_record_is_explained(root: Path) -> None:
    assert gaps() - explained(root) == set()


def test_no_number_with_a_record_is_excused(root: Path) -> None:
    assert explained(root) & load_controls().by_id.keys() == set()
