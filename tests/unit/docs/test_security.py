"""Each sentence of docs/security.md that claims something names a test that exists, or a control that a test breaks."""

import re
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.controls.load import load_controls

LINK = re.compile(r"\[([^\]]+)\]\(\.\./([^)]+)\)")
CONTROLS = load_controls()


def faults(page: str, root: Path) -> list[str]:
    """What is wrong with the claims of a page."""
    found = []
    for line in page.splitlines():
        if not line.startswith("- "):
            continue
        links = LINK.findall(line)
        if not links:
            found.append(f"no test: {line[:60]}")
        found += [f"{name} is not in {path}" for name, path in links if not exists(name, path, root)]
    return found


def exists(name: str, path: str, root: Path) -> bool:
    """Whether there is such a test, or such a control with a way to break it."""
    place = root / path
    if not place.is_file():
        return False
    if place.suffix == ".yaml":
        control = CONTROLS.by_id.get(name)
        return control is not None and place.name.startswith(f"{name}-") and control.broken_by is not None
    return re.search(rf"^def {re.escape(name)}\(", place.read_text(), re.MULTILINE) is not None


def test_every_claim_is_linked_to_what_proves_it(root: Path) -> None:
    page = (root / "docs" / "security.md").read_text()
    assert len(LINK.findall(page)) > 50
    assert faults(page, root) == []


def test_every_container_has_its_heading(root: Path) -> None:
    catalog: Catalog = load_catalog([root / "services"])
    page = (root / "docs" / "security.md").read_text()
    assert set(re.findall(r"^### (\S+)$", page, re.MULTILINE)) == set(catalog.services)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("- Nobody gets in.", "no test: - Nobody gets in."),
        ("- No. ([test_none](../tests/door/test_scan.py))", "test_none is not in tests/door/test_scan.py"),
        ("- No. ([test_none](../tests/none.py))", "test_none is not in tests/none.py"),
        ("- No. ([E99](../controls/exposure/E01-errors-tell-nothing.yaml))",
         "E99 is not in controls/exposure/E01-errors-tell-nothing.yaml"),
    ],
)  # fmt: skip
def test_a_claim_without_a_proof_is_found(root: Path, line: str, fault: str) -> None:
    assert faults(line, root) == [fault]
