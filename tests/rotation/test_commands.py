"""The commands for secrets in docs/operating.md work as they are printed."""

import os
from pathlib import Path

import pytest

from garrison.plan.step import LIB
from tests.compliance.live import ROOT, LiveHost
from tests.e2e.readme import read_commands, run_commands

ALL = "garrison secrets rotate --all"


def test_every_command_works(host: LiveHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = read_commands((ROOT / "docs" / "operating.md").read_text(), "Secrets are replaced")
    # That one takes minutes; test_secrets runs it, under load.
    short = [one for one in commands if one.text.strip() != ALL]
    assert len(short) == len(commands) - 1
    monkeypatch.setenv("PATH", f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}")
    ended = run_commands(short, ROOT, tmp_path)
    assert [one.exit for one in ended] == [0] * len(short), ended
    listed, rotated, nothing = (one.output for one in ended)
    value = host.sh(
        f"{LIB}/as-stack podman secret inspect --showsecret --format '{{{{.SecretData}}}}' redis_aidb_password"
    ).strip()
    assert '"redis_aidb_password"' in listed
    assert "1 secrets rotated" in rotated
    assert "0 secrets rotated" in nothing
    assert value not in listed + rotated
