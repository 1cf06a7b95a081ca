"""What phase 1.1 does about the engine's socket and about the programs that map ids."""

import json
from pathlib import Path
from typing import Any

import pytest

from garrison.plan.host import ENGINE_SOCKET, ID_MAP_HELPERS, plan_host
from garrison.plan.step import Command
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

OFF = {"Id": ENGINE_SOCKET, "ActiveState": "inactive", "UnitFileState": "masked"}
OURS = ("switch the engine's socket off", "let ")


@pytest.fixture
def document(fixtures: Path) -> dict[str, Any]:
    """A hardened host, on which both are as they should be."""
    found: dict[str, Any] = json.loads((fixtures / "snapshots" / "hardened.json").read_text())
    found["user_units"][ENGINE_SOCKET] = dict(OFF)
    setuid = {"mode": 0o4755, "uid": 0, "gid": 0, "user": "root", "group": "root"}
    found["host"]["files"] |= {path: {path: dict(setuid)} for path in ID_MAP_HELPERS}
    return found


def titles(document: dict[str, Any], wanted: Wanted) -> list[str]:
    steps = plan_host(Snapshot.parse(document), wanted).steps
    return [step.title for step in steps if step.title.startswith(OURS)]


def test_nothing_is_done_where_both_are_as_they_should_be(document: dict[str, Any], wanted: Wanted) -> None:
    assert titles(document, wanted) == []


@pytest.mark.parametrize("changed", [{"ActiveState": "active"}, {"UnitFileState": "enabled"}])
def test_a_socket_that_could_be_used_is_masked(
    document: dict[str, Any], wanted: Wanted, changed: dict[str, str]
) -> None:
    document["user_units"][ENGINE_SOCKET] |= changed
    assert titles(document, wanted) == ["switch the engine's socket off"]


@pytest.mark.parametrize("changed", [{"mode": 0o755}, {"mode": 0o4777}, {"uid": 1000}])
def test_a_program_that_can_not_map_ids_may_again(
    document: dict[str, Any], wanted: Wanted, changed: dict[str, int]
) -> None:
    path = ID_MAP_HELPERS[0]
    document["host"]["files"][path][path] |= changed
    assert titles(document, wanted) == [f"let {path} map ids"]


def test_programs_that_are_not_there_yet_come_with_their_package(
    document: dict[str, Any], wanted: Wanted
) -> None:
    document["host"]["files"] |= {path: {} for path in ID_MAP_HELPERS}
    assert titles(document, wanted) == []


def test_the_home_of_the_stack_is_as_wanted_only_once_its_folders_are_there(
    document: dict[str, Any], wanted: Wanted
) -> None:
    """A run that was cut short in between would else be taken for one that had made them."""
    document["account"]["home_file"] = {"mode": 0o755, "uid": 0, "gid": 0}
    (step,) = (
        one for one in plan_host(Snapshot.parse(document), wanted).steps if one.title.startswith("keep")
    )
    lines = [one.line for one in step.commands if isinstance(one, Command)]
    assert lines[-1] == "chmod 0711 /srv/garrison"
    assert not [line for line in lines[:-1] if " 0711 " in line]
    assert "/srv/garrison/.config" in lines[-2]
