"""A host that was looked at, for the plans of the hardening; and the records' own levels."""

import json
from pathlib import Path
from typing import Any

from garrison.plan.step import Command, Step
from garrison.snapshot.model import Snapshot
from tests.unit.controls.facts import host_facts

_BARE = Path(__file__).parents[2] / "fixtures" / "snapshots" / "bare.json"
A_CONTAINER = {
    "container": "systemd-nspawn",
    "release": "6.12.0-amd64",
    "apparmor": False,
    "audit": False,
    "boot_loader": False,
}


def seen(**said: Any) -> Snapshot:
    """A bare host of which ``said`` is known besides."""
    snapshot = Snapshot.parse(json.loads(_BARE.read_text(encoding="utf-8")))
    return snapshot.model_copy(update={"host": host_facts(**said)})


def lines(*steps: Step) -> list[str]:
    """What the host's shell is given."""
    return [each.line for step in steps for each in step.commands if isinstance(each, Command)]
