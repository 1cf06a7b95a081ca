"""docs/controls.md has every control, every deviation, and each standard's sections."""

from pathlib import Path

import pytest

from garrison.controls.conditions import KINDS
from garrison.controls.deviations import load_deviations
from garrison.controls.load import Controls, load_controls
from garrison.docs.controls import render_controls
from tests.unit.controls.making import collect, control, deviation


@pytest.fixture(scope="module")
def controls() -> Controls:
    return load_controls()


@pytest.fixture(scope="module")
def page(controls: Controls) -> str:
    return render_controls(controls, load_deviations(controls.by_id))


def test_every_control_has_a_row(controls: Controls, page: str) -> None:
    for name, one in controls.by_id.items():
        assert page.count(f"\n| {name} | {one.title} |") == 1


def test_every_deviation_has_a_row(controls: Controls, page: str) -> None:
    for placed in load_deviations(controls.by_id):
        assert page.count(f"\n| {placed.deviation.id} | {placed.deviation.standard}") == 1


def test_every_kind_of_condition_is_explained(page: str) -> None:
    rows = page.split("### Conditions")[1]
    assert [name for name in KINDS if f"| `{name}` | " not in rows or f"| `{name}` |  |" in rows] == []


def test_every_row_has_as_many_cells_as_its_head(page: str) -> None:
    plain = page.replace("\\|", "")
    for block in plain.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in rows}) <= 1, rows[:2]


def test_counts_sections_and_repairs_come_from_the_records() -> None:
    first = control(remedy="chmod 0600 a | b")
    second = control("S09", level="strict", standards={"CIS Debian 13 v1.0.0": ("5.1.21", "5.1.3")})
    page = render_controls(collect(first, second), [deviation()])
    assert "| [access](#access) | 1 | 1 |" in page
    assert "| all | 1 | 1 |" in page
    assert "| 5.1.21 | S06, S09 |" in page
    assert page.index("| 1.1.1.6 | D01 |") < page.index("| 5.1.3 | S09 |") < page.index("| 5.1.21 | S06")
    assert "| `sshd -T` PermitRootLogin is no | `chmod 0600 a \\| b` |" in page


@pytest.mark.parametrize("name", ["controls.md", "services.md"])
def test_the_page_says_what_makes_it(name: str, root: Path) -> None:
    assert "`make docs`" in (root / "docs" / name).read_text(encoding="utf-8").splitlines()[0]
