"""What the collector tells of guards, also of one whose record the power cut in half."""

import json
from pathlib import Path

import pytest

from garrison.snapshot.guards import GuardState
from garrison.snapshot.parts import guards

ARMED = {"name": "sshd", "armed": "2026-06-01T12:00:00+00:00", "after": 120}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guards, "PLACE", str(tmp_path))
    return tmp_path


def lay(place: Path, name: str, text: str) -> None:
    (place / name).mkdir()
    (place / name / "manifest.json").write_text(text)


def test_what_is_armed_is_told_without_what_it_saved(place: Path) -> None:
    lay(place, "sshd", json.dumps(ARMED | {"saved": [{"path": "/etc/shadow"}]}))
    assert guards.guards() == {"armed": [ARMED], "reverted": []}


@pytest.mark.parametrize("text", ["{", "", "[1]"])
def test_a_record_that_cannot_be_read_is_told_as_armed_so_that_the_host_sets_it_aside(
    place: Path, text: str
) -> None:
    lay(place, "sudo", text)
    state = GuardState.model_validate(guards.guards())
    assert [(one.name, one.is_readable) for one in state.armed] == [("sudo", False)]


def test_what_was_set_aside_is_told_no_more(place: Path) -> None:
    lay(place, ".unreadable-sudo-1", "{")
    assert guards.guards() == {"armed": [], "reverted": []}
