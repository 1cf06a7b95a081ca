"""Nobody is locked out: each change that would do it is taken back by the host itself, and the run says so.

The changes are in lockouts.py; they go the way of every deploy, as one more step of phase 1.1.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.conftest import host, lab
from tests.faults.lockouts import CHANGES
from tests.faults.machine import ROOT, Machine
from tests.faults.runs import Run, Workplace

SECONDS = 20
LONGEST = 120
GUARD = "/usr/local/lib/garrison/guard"
# What a refused login, or the sudo in it, says to each change.
SAID = {
    "sshd": "a new login with sudo failed: Authentication failed",
    "firewall": "a new login with sudo failed: timed out",
    "sudo": "a new login with sudo failed: sudo: ",
    "pam": "a new login with sudo failed: ",
}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Machine]:
    """A host on which phase 1.1 has converged."""
    yield from host("lockout")


@pytest.fixture(scope="module")
def inventory(guarded: Machine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An inventory with that host, whose guards wait no longer than they have to."""
    workplace = Workplace(tmp_path_factory.mktemp("lockout"))
    run = workplace.deploy(workplace.inventory(guarded), "--phases", "host")
    assert run.code == 0, run.said
    return workplace.inventory(guarded, guard_seconds=SECONDS)


class Attempt:
    """A deploy with a change that locks everybody out."""

    def __init__(self, kind: str, inventory: str, workplace: Workplace) -> None:
        self.workplace = workplace
        words = [
            sys.executable,
            "-m",
            "tests.faults.garrison_with",
            kind,
            "deploy",
            inventory,
            "--phases",
            "host",
        ]
        every = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words,
            cwd=workplace.folder,
            env=every,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )

    def end(self) -> Run:
        """What it comes to."""
        return self.workplace.end(self.process)

    def kill_when_waiting(self) -> None:
        """SIGKILL as soon as the change is made and the new login was refused."""
        end = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < end:
            if any(event["event"] == "step_note" for event in self.workplace.events()):
                self.process.kill()
                break
            time.sleep(0.05)
        self.process.communicate(timeout=60)
        assert self.process.returncode == -signal.SIGKILL


def state(machine: Machine) -> dict[str, Any]:
    """What the host's guard tells, by a new login with sudo."""
    answer: dict[str, Any] = json.loads(machine.sh(f"{GUARD} status"))
    return answer


def await_revert(machine: Machine, kind: str, seconds: float) -> dict[str, Any]:
    """The record of the revert; nobody knocks before it is due, for sshd shuts out who fails too often."""
    time.sleep(seconds)
    found = state(machine)
    assert found["armed"] == []
    record: dict[str, Any] = next(one for one in found["reverted"] if one["name"] == kind)
    return record


def heal(inventory: str, workplace: Workplace) -> None:
    """The next run, without the change, is a good one and tells of the last; the one after it has nothing to tell."""
    run = workplace.deploy(inventory, "--phases", "host")
    assert run.code == 0, run.said
    assert "the host took back the change under the guard" in run.err
    run = workplace.deploy(inventory, "--phases", "host")
    assert run.code == 0, run.said
    assert "took back" not in run.err


def before(machine: Machine, kind: str) -> str:
    """The files of a change, as they are."""
    paths, _, _ = CHANGES[kind]
    return machine.sh(
        f"for path in {' '.join(paths)}; do stat -c '%n %a %u %g' $path; cat $path; done 2>&1 || true"
    )


@pytest.mark.parametrize("kind", SAID)
def test_a_change_that_locks_everybody_out_is_taken_back(
    guarded: Machine, inventory: str, workplace: Workplace, kind: str
) -> None:
    was = before(guarded, kind)
    run = Attempt(kind, inventory, workplace).end()
    assert run.code == 1, run.said
    paths, _, _ = CHANGES[kind]
    assert f"break {kind}: {SAID[kind]}" in run.err
    assert f"The host took the change of {', '.join(paths)} back" in run.err
    assert f"nobody proved within {SECONDS} s that a new login works" in run.err
    assert "and a new login with sudo works again" in run.err
    assert "Mend what would have locked you out" in run.err
    assert "waiting for the host to revert the change" in run.err
    assert state(guarded)["armed"] == []
    assert before(guarded, kind) == was
    heal(inventory, workplace)


def test_a_change_that_fails_by_itself_is_taken_back_without_waiting(
    inventory: str, workplace: Workplace
) -> None:
    run = Attempt("refused", inventory, workplace).end()
    assert run.code == 1, run.said
    assert "break refused: the change failed: " in run.err
    assert "Bad configuration option: Nonsense" in run.err
    assert "(the change itself failed)" in run.err
    (step,) = (one for one in workplace.events() if one["event"] == "step_failed")
    assert step["seconds"] < SECONDS
    heal(inventory, workplace)


@pytest.mark.parametrize("kind", ["sshd", "firewall"])
def test_the_host_needs_nobody_to_take_a_change_back(
    guarded: Machine, inventory: str, workplace: Workplace, kind: str
) -> None:
    was = before(guarded, kind)
    Attempt(kind, inventory, workplace).kill_when_waiting()
    record = await_revert(guarded, kind, SECONDS + 2)
    assert record["because"] == f"nobody proved within {SECONDS} s that a new login works"
    assert before(guarded, kind) == was
    heal(inventory, workplace)


def test_a_run_after_a_killed_one_does_not_wait(
    guarded: Machine, inventory: str, workplace: Workplace
) -> None:
    """The change does no harm to whoever logs in: only nobody has proven that yet, and the host would wait longer."""
    attempt = Attempt("harmless", workplace.inventory(guarded, guard_seconds=LONGEST), workplace)
    with attempt.process as process:
        workplace.wait_for_step(process, "break harmless")
        end = time.monotonic() + 60
        while not state(guarded)["armed"] and time.monotonic() < end:
            time.sleep(0.2)
        process.kill()
        process.communicate(timeout=60)
    run = workplace.deploy(inventory, "--phases", "host")
    assert run.code == 0, run.said
    assert "the run that made it ended before it had proven it" in run.err
    assert state(guarded)["armed"] == []
    assert "harmless" not in guarded.sh("ls /etc/garrison")
    run = workplace.deploy(inventory, "--phases", "host")
    assert (run.code, "took back" in run.err) == (0, False), run.said


def test_a_change_that_was_kept_after_nobody_listened_any_more_is_told_as_kept(
    guarded: Machine, inventory: str, workplace: Workplace
) -> None:
    # Also each guard of the deploy that made this host has left word that it was kept.
    before_it = {one["name"] for one in state(guarded)["kept"]}
    run = Attempt("late", inventory, workplace).end()
    assert run.code == 0, run.said
    assert "a new login with sudo failed: " in run.err
    assert "only the answer came too late. A new login with sudo works" in run.err
    found = state(guarded)
    assert (found["armed"], {one["name"] for one in found["kept"]}) == ([], before_it | {"late"})
    assert "late" not in before_it
    assert guarded.sh("cat /etc/garrison/harmless") == "late"


def test_a_restart_in_the_middle_takes_a_change_back(
    guarded: Machine, inventory: str, workplace: Workplace
) -> None:
    was = before(guarded, "sudo")
    arm = [GUARD, "arm", "sudo", "--after", "3600", "--path", CHANGES["sudo"][0][0]]
    guarded.sh(f"{' '.join(arm)} && echo 'ops ALL=(ALL:ALL) !ALL' >{CHANGES['sudo'][0][0]}")
    lab("reboot", guarded.name)
    found = state(guarded)
    assert found["armed"] == []
    assert found["reverted"][0]["because"] == "the host started again before the change was proven"
    assert before(guarded, "sudo") == was
    heal(inventory, workplace)
