"""Dashboards of a user's own: what can't be loaded is refused, with file and line, before a deploy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from garrison.catalog.boards import LARGEST, load_boards
from garrison.problem import ProblemError
from garrison.rollout.inputs import read_settings

CLASSIC = "Export it from Grafana as classic JSON."
OTHER_UID = "isn't 1 to 40 letters, digits, _ and -, or begins with 'garrison-'. Give it another one."


@pytest.fixture
def folder(fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "load.json").write_text((fixtures / "own_dashboards" / "load.json").read_text())
    return tmp_path / "own"


@pytest.fixture
def said(folder: Path) -> Callable[[], list[str]]:
    def said() -> list[str]:
        with pytest.raises(ProblemError) as raised:
            load_boards(folder)
        return [str(problem) for problem in raised.value.problems]

    return said


def test_sound_ones_are_read_as_they_are(folder: Path) -> None:
    assert load_boards(folder) == {"load.json": (folder / "load.json").read_bytes()}


def test_without_a_folder_there_are_none() -> None:
    assert load_boards(None) == {}


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ('"uid": "my-load",', '"uid" "my-load",', 3, "this is not JSON: Expecting ':' delimiter. Mend it there."),
        ('"uid": "my-load"', '"uid": "garrison-load"', 3, f"its uid 'garrison-load' {OTHER_UID}"),
        ('"uid": "my-load"', '"uid": "my load"', 3, f"its uid 'my load' {OTHER_UID}"),
        ('"uid": "my-load",', "", 1, f"its uid None {OTHER_UID}"),
        ('"title": "Load of my own"', '"name": "x"', 1,
         f"it has no title or no list of panels at its top, so it is no dashboard of the classic form. {CLASSIC}"),
        ('"node_load1"', '"rate(node_load1)"', 19,
         "this is not PromQL: expected type matrix in call to function 'rate', got vector. Mend the question there."),
        ('"uid": "prometheus"},\n          "targets"', '"uid": "loki"},\n          "targets"', 17,
         "there is no data source 'loki'. Write 'prometheus' as its uid."),
        ('"uid": "my-load",', '"uid": "my-load",\n  "__inputs": [],', 4,
         "it asks for its data source when it is imported, and nobody would answer. "
         "Export it without 'for sharing externally'."),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(
    before: str, after: str, line: int, what: str, folder: Path, said: Callable[[], list[str]]
) -> None:
    path = folder / "load.json"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    assert said() == [f"own/load.json:{line}: {what}"]


def test_two_of_one_uid_are_told(folder: Path, said: Callable[[], list[str]]) -> None:
    (folder / "other.json").write_text((folder / "load.json").read_text())
    assert said() == ["own/other.json:3: own/load.json has the uid 'my-load' too. Give one of them another."]


@pytest.mark.parametrize("text", ["[]", "null", '"title"', "[" * 100_000])
def test_what_is_no_object_is_told(text: str, folder: Path, said: Callable[[], list[str]]) -> None:
    (folder / "load.json").write_text(text)
    assert [one.partition(": ")[0] for one in said()] == ["own/load.json:1"]


def test_what_is_no_text_is_told(folder: Path, said: Callable[[], list[str]]) -> None:
    (folder / "load.json").write_bytes(b"\xff\xfe")
    assert "this is not JSON" in said()[0]


def test_a_large_one_and_an_odd_name_are_told(folder: Path, said: Callable[[], list[str]]) -> None:
    text = (folder / "load.json").read_text()
    (folder / "load.json").rename(folder / "my load.json")
    (folder / "my load.json").write_text(text + " " * LARGEST)
    assert [one.partition(":1: ")[2] for one in said()] == [
        "it is larger than 1 MB. Split it.",
        "its name has more than letters, digits and . _ -. Rename the file.",
    ]


def test_a_folder_without_any_is_told(folder: Path, said: Callable[[], list[str]]) -> None:
    (folder / "load.json").unlink()
    assert said() == ["own: there is no dashboard (*.json). Put one there."]


def test_they_are_judged_before_the_first_host_is_asked(folder: Path) -> None:
    (folder / "load.json").write_text("{")
    with pytest.raises(ProblemError, match=r"own/load\.json:1: this is not JSON"):
        read_settings("lab", {"server_names": ["lab.test"], "dashboards": folder})


def test_a_folder_that_is_not_there_is_told() -> None:
    with pytest.raises(ProblemError, match="no-such is no folder"):
        read_settings("lab", {"server_names": ["lab.test"], "dashboards": "no-such"})
