"""README.md's tour works as it is printed."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.compliance.live import LiveHost, live_hosts
from tests.e2e.corpus import DATA
from tests.e2e.readme import Command, Ended, read_commands, run_commands

NAME = "me"
DONE: dict[str, Any] = {"exits": [0]}


@pytest.fixture(scope="module")
def tour(
    host: LiveHost, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[tuple[Command, Ended]]]:
    """Every command with how it ended; the key that it makes is taken away again, and no other."""
    if len(live_hosts()) > 1:
        pytest.fail("README's commands name no host, so they need a lab with one: lab down --host the others")
    commands = read_commands((root / "README.md").read_text(), "Five minutes")
    before = list_keys(host)
    yield list(zip(commands, run_commands(commands, root, tmp_path_factory.mktemp("tour")), strict=True))
    for key in list_keys(host) - before:
        assert host.garrison("keys", "revoke", NAME, "--key", key).returncode == 0


def list_keys(host: LiveHost) -> set[str]:
    """The ids of the tour's client's keys."""
    listed = host.garrison("keys", "list")
    assert listed.returncode == 0, listed.stderr
    return {
        key["id"] for client in json.loads(listed.stdout) if client["name"] == NAME for key in client["keys"]
    }


def find(tour: list[tuple[Command, Ended]], words: str) -> Ended:
    """How the one command with these words ended."""
    (found,) = [ended for command, ended in tour if words in command.text]
    return found


def test_every_command_ends_as_its_comment_promises(tour: list[tuple[Command, Ended]]) -> None:
    promises = yaml.safe_load((DATA / "readme.yaml").read_text())
    assert {command.promise for command, _ in tour if command.promise} == set(promises)
    for command, ended in tour:
        promised = promises[command.promise] if command.promise else DONE
        assert ended.exit in promised["exits"], f"{command.text}\n{ended.output}"
        assert promised.get("prints", "") in ended.output, f"{command.text}\n{ended.output}"


def test_the_key_opens_the_door(tour: list[tuple[Command, Ended]]) -> None:
    assert '"documents":' in find(tour, 'X-API-Key: $key" https').output


def test_the_second_deploy_changes_nothing(tour: list[tuple[Command, Ended]]) -> None:
    assert "unchanged: everything is as wanted" in find(tour, "garrison deploy").output


def test_the_model_says_something(tour: list[tuple[Command, Ended]]) -> None:
    assert '"content":"' in find(tour, "chat/completions").output


def test_the_guide_s_curl_line_works_as_printed(host: LiveHost, root: Path) -> None:
    shown = host.garrison("guide")
    (line,) = [line for line in shown.stdout.splitlines() if line.lstrip().startswith("curl ")]
    done = subprocess.run(["bash", "-c", line], cwd=root, capture_output=True, text=True, timeout=120)
    assert '"documents":' in done.stdout, done.stderr
    assert host.garrison("keys", "revoke", "first-look").returncode == 0
