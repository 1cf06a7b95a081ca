"""An edit is told by the copy of what was laid."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from garrison.plan.edits import find_edited
from garrison.plan.laying import LAID
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import host_facts

OURS, THEIRS = "a" * 64, "b" * 64


def seen(fixtures: Path, copies: dict[str, Any], files: dict[str, Any]) -> Snapshot:
    document = json.loads((fixtures / "snapshots" / "host.json").read_text())
    return Snapshot.parse(document | {"files": files, "trees": {LAID: copies}})


@pytest.mark.parametrize(
    ("copy", "now", "edited"),
    [
        ({"mode": 420, "sha256": OURS}, {"mode": 420, "sha256": OURS}, ()),
        ({"mode": 420, "sha256": OURS}, {"mode": 420, "sha256": THEIRS}, ("/etc/motd",)),
        ({"mode": 420, "sha256": OURS}, None, ()),
        ({"mode": 420, "sha256": OURS}, {"link": "/etc/passwd"}, ("/etc/motd",)),
        (None, {"mode": 420, "sha256": THEIRS}, ()),
    ],
    ids=["as it was laid", "edited", "removed", "a link now", "a copy that can't be read"],
)
def test_a_file_is_edited_when_its_copy_says_otherwise(
    fixtures: Path, copy: Any, now: Any, edited: tuple[str, ...]
) -> None:
    assert find_edited(seen(fixtures, {"etc/motd": copy}, {"/etc/motd": now})) == edited


def test_what_was_not_looked_at_is_not_edited(fixtures: Path) -> None:
    assert find_edited(seen(fixtures, {"etc/motd": {"sha256": OURS}}, {})) == ()


@pytest.mark.parametrize(("text", "edited"), [("ours\n", ()), ("theirs\n", ("/etc/motd",))])
def test_a_file_whose_text_was_read_is_told_by_that(
    fixtures: Path, text: str, edited: tuple[str, ...]
) -> None:
    copy = {"etc/motd": {"sha256": hashlib.sha256(b"ours\n").hexdigest()}}
    facts = host_facts(texts={"/etc/motd": text})
    assert find_edited(seen(fixtures, copy, {}).model_copy(update={"host": facts})) == edited


def test_a_host_without_copies_has_no_edits(fixtures: Path) -> None:
    document = json.loads((fixtures / "snapshots" / "host.json").read_text())
    assert find_edited(Snapshot.parse(document)) == ()
