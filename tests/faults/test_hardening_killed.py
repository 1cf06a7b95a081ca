"""Runs that are killed in the middle of the hardening, one after another, are healed by one that is let be."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import host
from tests.faults.machine import Machine
from tests.faults.runs import LONGEST, Workplace

# In the order in which a run comes to them, and how long after its beginning each dies.
STEPS = {
    "lay down system files": 0.1,
    "lay down settings of systemd": 0.15,
    "install ": 4.0,
    "keep /srv/garrison root's": 0.0,
    "keep the session of garrison running": 0.1,
    "lay down programs": 0.05,
    "lay down the hardening's files": 0.05,
    "set the kernel's settings": 0.4,
    "mount /tmp": 0.05,
    "set how units run": 0.2,
    "make the group": 0.1,
    "have PAM do": 0.5,
    "have sudo do": 0.3,
    "have sshd do": 0.5,
    "load the firewall": 0.5,
    "mend modes and owners": 0.05,
}

# What systemd has to be told of once their files are there; a look at the files alone never misses them.
STARTED = "garrison-walls.timer garrison-firewall.service aidecheck.timer"


@pytest.fixture(scope="module")
def fresh() -> Iterator[Machine]:
    yield from host("killed")


def kill_in(workplace: Workplace, inventory: str, title: str, delay: float) -> None:
    """Kill a run ``delay`` seconds after it has begun the step with this title."""
    before = len(workplace.events())
    end = time.monotonic() + LONGEST
    with workplace.deploying(inventory, "--phases", "host") as process:
        while process.poll() is None and time.monotonic() < end:
            if any(title in str(one.get("step")) for one in workplace.events()[before:]):
                time.sleep(delay)
                process.kill()
                assert process.wait() == -signal.SIGKILL, f"the run ended before it was killed in {title!r}"
                return
            time.sleep(0.02)
    raise AssertionError(f"no step {title!r}: {workplace.events()[before:]}")


def test_a_run_killed_in_every_kind_of_step_is_healed_by_the_next(
    fresh: Machine, workplace: Workplace
) -> None:
    inventory = workplace.inventory(fresh, hardening="strict")
    for title, delay in STEPS.items():
        kill_in(workplace, inventory, title, delay)
    run = workplace.deploy(inventory, "--phases", "host")
    assert run.code == 0, run.said
    run = workplace.deploy(inventory, "--phases", "host")
    assert "unchanged: everything is as wanted" in run.err, run.said
    assert fresh.sh(f"systemctl is-active {STARTED}") == "\n".join("active" for _ in STARTED.split())
    assert fresh.sh("ls /var/lib/garrison/pending") == ""
