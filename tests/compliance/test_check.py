"""``garrison check`` on live hosts: one that gives no answer hides no other, and only what is new fails."""

import json
from pathlib import Path

import pytest

from tests.compliance.live import LiveHost, run_tool
from tests.inventories import write_inventory

NOBODY = {"ssh_hostname": "127.0.0.1", "ssh_port": 1, "ssh_user": "nobody", "server_names": ["nobody.test"]}
CONTROL = "S06"
BROKEN = (
    "/etc/ssh/sshd_config.d/00-a.conf"  # sshd takes the first value, and this comes before 00-garrison.conf
)


def test_a_host_that_gives_no_answer_hides_no_other(live: LiveHost, tmp_path: Path) -> None:
    path = write_inventory(tmp_path / "inventory.py", ("nobody", NOBODY), (live.name, live.data))
    run = run_tool("garrison", "check", path, "--controls", "S*", "--json")
    assert run.returncode == 2, run.stderr
    found = json.loads(run.stdout)
    assert {one["host"]: one["answered"] for one in found["hosts"]} == {"nobody": False, live.name: True}
    assert CONTROL in {one["control"] for one in found["results"] if one["host"] == live.name}


@pytest.fixture
def broken(live: LiveHost, tmp_path: Path) -> Path:
    """A baseline from before a control was broken."""
    base = tmp_path / "base.json"
    live.garrison("check", "--controls", "S*", "--save", str(base))
    return base


def test_only_what_is_new_fails_beside_a_baseline(live: LiveHost, broken: Path) -> None:
    check = ("check", "--controls", "S*", "--against", str(broken))
    assert live.garrison(*check).returncode == 0
    try:
        live.sh(f"sh -c 'echo PermitRootLogin yes > {BROKEN}'")
        run = live.garrison(*check, "--json")
    finally:
        live.quietly(f"rm -f {BROKEN}")
    assert run.returncode == 1
    new = [one for one in json.loads(run.stdout)["results"] if one["state"] == "failed" and not one["known"]]
    assert CONTROL in {one["control"] for one in new}
    assert live.garrison(*check).returncode == 0
