"""A faulty file of controls ends ``garrison check`` with 2, with its line, before any host is asked."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from garrison.cli.check import check
from garrison.controls.load import load_controls

CONTROL = "access/S06-root-login.yaml"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level: baseline", "level: paranoid", "level"),
        ("id: S06", "id: S06\nfavourite: true", "favourite"),
        ("kind: sshd", "kind: sshdd", "login_defs, file"),
        ("applies: always", "applies: [", "S06-root-login.yaml:"),
    ],
    ids=["an unknown level", "an unknown key", "an unknown kind", "no YAML"],
)
def test_a_faulty_control_ends_with_2(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "controls"
    shutil.copytree(root / "controls", folder)
    text = (folder / CONTROL).read_text()
    (folder / CONTROL).write_text(text.replace(old, new) if old in text else f"{text}{new}\n")
    monkeypatch.setattr("garrison.cli.rules.own_controls", partial(load_controls, folder))
    done = CliRunner().invoke(check, ["no-inventory-is-read.py"])
    assert done.exit_code == 2
    assert said in done.output
    assert "S06-root-login.yaml" in done.output
