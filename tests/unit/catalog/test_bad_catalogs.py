"""Each file in fixtures/bad_catalogs is one faulty catalog and, below a line of dashes, what is said of it."""

import re
from pathlib import Path

import pytest

from garrison.catalog.loader import load_catalog
from garrison.problem import ProblemError

ROOT = Path(__file__).parents[3]
FAULTS = sorted((ROOT / "tests/fixtures/bad_catalogs").glob("*.txt"))
LINE = "----------\n"


def unpack(text: str, folder: Path) -> list[Path]:
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        name, _, content = part.partition("\n")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return sorted(folder.iterdir(), reverse=True)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_a_fault_is_reported_with_line_and_remedy(
    fault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool
) -> None:
    catalog, _, expected = fault.read_text().partition(LINE)
    folders = unpack(catalog, tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProblemError) as raised:
        load_catalog(folders)
    assert all(problem.what and problem.remedy for problem in raised.value.problems)
    said = "".join(f"{problem}  [{problem.id}]\n" for problem in raised.value.problems)
    if update:
        fault.write_text(f"{catalog}{LINE}{said}")
    assert said == expected or update


def test_every_kind_of_problem_has_a_faulty_catalog() -> None:
    source = "".join(path.read_text() for path in (ROOT / "garrison/catalog").rglob("*.py"))
    kinds = set(re.findall(r'"(catalog\.[a-z-]+)"', source))
    elsewhere = {
        "catalog.folder",  # test_loader.py
        "catalog.link-in-context",  # test_context.py
        "catalog.unknown-profile",  # test_selection.py
        "catalog.need-left-out",
        "catalog.secret-left-out",
    }
    shown = set(re.findall(r"\[(catalog\.[a-z-]+)\]", "".join(path.read_text() for path in FAULTS)))
    assert kinds - elsewhere == shown
