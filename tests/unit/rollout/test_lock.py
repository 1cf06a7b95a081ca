"""What a person is told when the host's lock is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from garrison.rollout.lock import HOLDER, explain_refusal


def test_a_held_lock_says_who_and_since_when() -> None:
    said = explain_refusal('locked {"who": "anna@desk", "since": "2026-01-01T10:00:00+00:00", "run": "abc"}')
    assert said.startswith(
        "anna@desk has been deploying to this host since 2026-01-01T10:00:00+00:00 (run abc)."
    )


def test_a_host_that_changed_meanwhile_asks_for_a_new_plan() -> None:
    assert "Run again" in explain_refusal("changed\n")


def test_anything_else_is_passed_on_with_a_remedy() -> None:
    assert "Is sudo allowed without a password?" in explain_refusal("sudo: a password is required")


@pytest.fixture
def holder(tmp_path: Path) -> str:
    """The holder program with its folders below a temporary one."""
    return HOLDER.replace("/run/garrison", f"{tmp_path}/run").replace(
        "/var/lib/garrison", f"{tmp_path}/state"
    )


def run(program: str, *words: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", program, *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


WHO = '{"who": "anna@desk", "since": "today", "run": "r1"}'


def test_the_lock_is_refused_while_held_and_free_once_the_holder_is_gone(holder: str) -> None:
    with run(holder, WHO, "") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with run(holder, WHO, "r1") as second:
            _, said = second.communicate(timeout=10)
            assert second.returncode == 1
            assert "anna@desk" in said
        first.kill()  # as a run that was killed: its end of the connection goes
    with run(holder, WHO, "r1") as third:
        assert third.communicate(timeout=10)[0] == "held\n"


def test_a_plan_made_before_somebody_else_deployed_is_refused(holder: str) -> None:
    with run(holder, WHO, "") as first:
        first.communicate(timeout=10)
    with run(holder, WHO, "") as second:
        assert second.communicate(timeout=10)[1].strip() == "changed"


def test_gates_that_are_due_lose_their_mark(holder: str, tmp_path: Path) -> None:
    proven = tmp_path / "state" / "proven"
    proven.mkdir(parents=True)
    for phase in ("1.1", "2.2"):
        (proven / phase).touch()
    with run(holder, WHO, "", "2.2") as first:
        first.communicate(timeout=10)
    assert [path.name for path in proven.iterdir()] == ["1.1"]


def metrics(folder: Path) -> dict[str, str]:
    """What node-exporter would read there, by name with labels."""
    lines = "".join(path.read_text() for path in sorted(folder.glob("*.prom"))).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


END = '{"changes": 3, "release": "abc"}\n'


def test_a_run_that_passed_is_noted_with_its_changes(holder: str, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "metrics"
    folder.mkdir(parents=True)
    with run(holder, WHO, "") as one:
        assert one.communicate(f"..{END}.", timeout=10)[0] == "held\nnoted\n"
    assert not (tmp_path / "state" / "unnoted").exists()
    found = metrics(folder)
    assert found.pop("garrison_deploy_changes") == "3"
    assert found.pop('garrison_deploy_info{release="abc"}') == "1"
    begun, ended = (
        float(found.pop(f"garrison_deploy_{name}_timestamp_seconds")) for name in ("begun", "ended")
    )
    assert ended - begun == pytest.approx(float(found.pop("garrison_deploy_duration_seconds")), abs=0.002)
    assert found == {}


def test_a_run_that_was_killed_has_begun_and_not_ended(holder: str, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "metrics"
    folder.mkdir(parents=True)
    with run(holder, WHO, "") as one:
        assert one.communicate("...", timeout=10)[0] == "held\n"
    assert metrics(folder).keys() == {"garrison_deploy_begun_timestamp_seconds"}
    assert (tmp_path / "state" / "unnoted").exists()


def test_a_host_that_gets_its_folder_of_metrics_in_the_run_has_both(holder: str, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "metrics"
    with run(holder, WHO, "") as one:
        assert one.stdin
        assert one.stdout
        assert one.stdout.readline() == "held\n"
        folder.mkdir()
        one.stdin.write(END)
        one.stdin.flush()
        assert one.stdout.readline() == "noted\n"
    assert {"garrison_deploy_begun_timestamp_seconds", "garrison_deploy_ended_timestamp_seconds"} <= metrics(
        folder
    ).keys()


def test_a_host_without_that_folder_is_deployed_to_all_the_same(holder: str) -> None:
    with run(holder, WHO, "") as one:
        assert one.communicate(END, timeout=10)[0] == "held\nnoted\n"
