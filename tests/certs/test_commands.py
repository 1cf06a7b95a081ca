"""The commands for certificates in docs/operating.md work as they are printed."""

import json
import os
from pathlib import Path

import pytest

from tests.certs.conftest import Served
from tests.e2e.readme import read_commands, run_commands
from tests.faults.machine import ROOT
from tests.faults.runs import GARRISON
from tests.inventories import write_inventory


def test_every_command_works(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = read_commands((ROOT / "docs" / "operating.md").read_text(), "The end of a certificate")
    data = {**served.machine.data, "ca_dir": str(served.authority)}
    write_inventory(served.project / "inventory" / "lab.py", (served.machine.name, data))
    monkeypatch.setenv("PATH", f"{Path(GARRISON).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(served.project))
    before = served.status()["certificates"]
    shown, renewed, told = run_commands(commands, served.project, tmp_path)
    assert [one.exit for one in (shown, renewed, told)] == [0, 0, 0], (shown, renewed, told)
    assert "NOT SERVED" not in shown.output
    assert json.loads(told.output)["certs"]["certificates"] == served.status()["certificates"] != before
