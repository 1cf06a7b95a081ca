"""docs/checking.md's commands work as they are printed."""

from pathlib import Path

import pytest

from tests.e2e.readme import read_commands, run_commands


@pytest.mark.usefixtures("host")
def test_a_baseline_is_made_and_used_as_the_page_says(root: Path, tmp_path: Path) -> None:
    commands = read_commands((root / "docs" / "checking.md").read_text(), "Only what is new")
    assert len(commands) == 2
    for command, ended in zip(commands, run_commands(commands, root, tmp_path), strict=True):
        assert ended.exit == 0, f"{command.text}\n{ended.output}"
