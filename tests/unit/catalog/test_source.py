"""Values keep the line they were written on."""

from pathlib import Path

import pytest

from garrison.catalog.source import read_source
from garrison.problem import ProblemError

TEXT = """\
name: api
listen:
  http: 8000
needs:
  - store
  - model
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "service.yaml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(
    ("location", "where"),
    [
        (("listen", "http"), "service.yaml:3 listen.http"),
        (("needs", 1), "service.yaml:6 needs.1"),
        (("listen", "grpc"), "service.yaml:2 listen.grpc"),
        (("missing",), "service.yaml:1 missing"),
        ((), "service.yaml:1"),
    ],
)
def test_a_location_has_the_line_of_what_is_nearest(
    path: Path, location: tuple[str | int, ...], where: str
) -> None:
    assert read_source(path).where(*location) == where


def test_a_file_outside_the_working_directory_is_shown_whole(
    path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert read_source(path).where("name") == f"{path}:1 name"


def test_bytes_that_are_not_utf8_are_refused_with_their_place(path: Path) -> None:
    path.write_bytes(b"name: \xff\n")
    with pytest.raises(ProblemError, match="byte 6 is not UTF-8"):
        read_source(path)


def test_control_characters_are_refused(path: Path) -> None:
    path.write_bytes(b"name: \x07\n")
    with pytest.raises(ProblemError, match="special characters are not allowed"):
        read_source(path)


def test_nesting_without_end_is_refused(path: Path) -> None:
    path.write_text("[" * 5000)
    with pytest.raises(ProblemError, match="nesting is too deep"):
        read_source(path)
