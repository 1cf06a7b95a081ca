"""What runs of the deploy do to a host that is as wanted, and what they write down."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from garrison.evidence.leaks import find_leaked_in_text
from garrison.evidence.probes import Leaks
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from tests.compliance.live import INVENTORY, ROOT, LiveHost, run_tool

WHO = {"who": "anna@elsewhere", "since": "2026-06-01T12:00:00+00:00", "run": "abcdef123456"}


def leaks_in(live: LiveHost, text: str, where: str) -> list[Problem]:
    answer = live.pipe(text, f"{LIB}/find-leaks --stdin")
    return find_leaked_in_text(Leaks.model_validate_json(answer), where)


def generation(live: LiveHost) -> str:
    return live.sh("cat /var/lib/garrison/generation")


def test_a_second_run_changes_nothing(live: LiveHost) -> None:
    before = generation(live)
    run = live.garrison("deploy", "--json")
    assert run.returncode == 0, run.stderr
    assert [(one["host"], one["changes"]) for one in json.loads(run.stdout)] == [(live.name, 0)]
    assert generation(live) == before


def test_a_second_run_by_pyinfra_changes_nothing(live: LiveHost) -> None:
    before = generation(live)
    run = run_tool("pyinfra", "-y", "--limit", live.name, INVENTORY, "deploy.py")
    assert run.returncode == 0, run.stderr
    assert generation(live) == before
    totals = re.search(r"Grand total(.*)", run.stdout + run.stderr)
    assert totals
    assert set(totals[1].split()) == {"-"}


def test_a_run_that_heals_a_host_writes_no_secret_down(live: LiveHost, wanted: Wanted) -> None:
    live.podman("rm", "--force", "--time", "5", "garrison-redis")
    run = run_tool("pyinfra", "-vvv", "-y", "--limit", live.name, INVENTORY, "deploy.py")
    said = run.stdout + run.stderr
    assert run.returncode == 0, said[-2000:]
    assert "start redis" in said
    assert leaks_in(live, said, "pyinfra -vvv") == []
    assert live.findings("containers-are-the-declared-ones", wanted) == []


def test_a_run_that_only_shows_writes_no_secret_down(live: LiveHost) -> None:
    live.podman("rm", "--force", "--time", "5", "garrison-redis")
    try:
        run = run_tool("pyinfra", "-vvv", "--dry", "--diff", "--limit", live.name, INVENTORY, "deploy.py")
    finally:
        live.garrison("deploy")
    said = run.stdout + run.stderr
    assert run.returncode == 0, said[-2000:]
    assert "start redis" in said
    assert leaks_in(live, said, "pyinfra --dry --diff") == []


def test_the_event_logs_hold_no_secret(live: LiveHost) -> None:
    logs = sorted((ROOT / ".garrison" / "log").glob("*.jsonl"))[-5:]
    assert logs
    for path in logs:
        assert leaks_in(live, path.read_text(), path.name) == []


def test_a_secret_in_a_text_is_found(live: LiveHost) -> None:
    """The other tests here would pass if the search were blind."""
    name = live.podman("secret", "ls", "--format", "{{.Name}}").split()[0]
    found = live.sh(f"{LIB}/as-stack podman secret inspect --showsecret {name} | {LIB}/find-leaks --stdin")
    assert name in {leak.secret for leak in Leaks.model_validate_json(found).leaks}


def test_a_run_waits_for_nobody_and_says_who_holds_the_lock(live: LiveHost) -> None:
    before = generation(live)
    with lock_held(live):
        run = live.garrison("deploy")
    assert run.returncode == 1
    assert WHO["who"] in run.stderr
    assert WHO["since"] in run.stderr
    assert generation(live) == before


def test_the_lock_goes_with_its_holder(live: LiveHost) -> None:
    with lock_held(live):
        assert live.snapshot().lock is not None
    assert live.snapshot().lock is None


@contextmanager
def lock_held(live: LiveHost) -> Iterator[None]:
    """As another run would hold it: until its standard input ends."""
    # In a process of its own: what imports pyinfra is patched by gevent.
    words = [sys.executable, "-c", "from garrison.rollout.lock import HOLDER; print(HOLDER)"]
    program = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    # The generation is none of its business here: it must stay, for the run that comes after.
    # Nor does it deploy anything that could be noted.
    program = re.sub(r"^(?:generation\.write_text|unnoted\.touch).*$", "", program, flags=re.MULTILINE)
    argv = live.ssh(shlex.join(["python3", "-I", "-c", program, json.dumps(WHO), generation(live)]))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder_run:
        assert holder_run.stdout
        assert holder_run.stdout.readline().strip() == "held"
        try:
            yield
        finally:
            assert holder_run.stdin
            holder_run.stdin.close()
            holder_run.wait(20)


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["as a table", "as JSON"])
def test_the_check_command_passes_and_tells_no_secret(live: LiveHost, words: tuple[str, ...]) -> None:
    run = live.garrison("check", *words)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Waived" in run.stdout or "waived" in run.stdout
    assert leaks_in(live, run.stdout + run.stderr, "garrison check") == []
