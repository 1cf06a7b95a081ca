"""One run at a time: the next one says who is at it and since when, and goes through as soon as that one is gone."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.conftest import Deploy, Second
from tests.faults.machine import ROOT, Machine, list_changes
from tests.faults.runs import Workplace, assert_refused

WHO = {"who": "anna@elsewhere", "since": "2026-06-01T12:00:00+00:00", "run": "abcdef123456"}


@contextmanager
def holding(machine: Machine) -> Iterator["subprocess.Popen[str]"]:
    """The lock as another run holds it: by a connection that stays open."""
    # In a process of its own: what imports pyinfra is patched by gevent.
    words = [sys.executable, "-c", "from garrison.rollout.lock import HOLDER; print(HOLDER)"]
    program = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    generation = machine.sh("cat /var/lib/garrison/generation")
    argv = machine.argv("python3", "-I", "-c", program, json.dumps(WHO), generation)
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline().strip() == "held", shlex.join(argv)
        try:
            yield holder
        finally:
            holder.kill()


@pytest.mark.usefixtures("healed")
def test_a_run_says_who_holds_the_lock_and_goes_through_after_a_kill(second: Second, deploy: Deploy) -> None:
    with holding(second.machine) as holder:
        before = second.machine.picture()
        run = deploy("--json")
        assert_refused(
            run, f"{WHO['who']} has been deploying to it since {WHO['since']}", "Wait until that run"
        )
        assert [one["id"] for one in run.hosts[0]["problems"]] == ["preflight.lock"]
        assert list_changes(before, second.machine.picture()) == []
        holder.kill()
        holder.wait(20)
        second.machine.podman("rm", "--force", "--time", "5", "garrison-redis")
        assert deploy().code == 0


@pytest.mark.usefixtures("healed")
def test_a_run_holds_the_lock_until_it_ends(
    second: Second, deploy: Deploy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    second.machine.podman("rm", "--force", "--time", "5", "garrison-postgres")
    other = Workplace(tmp_path_factory.mktemp("other"))
    with other.deploying(other.inventory(second.machine, **second.changes)) as process:
        other.wait_for_step(process, "start postgres")
        assert_refused(deploy(), "has been deploying to it since", "Wait until that run")
        assert other.end(process).code == 0
