"""Before dpkg is asked to end what was cut short, whoever is still at it is waited for."""

import fcntl
import subprocess
from pathlib import Path

import pytest

from garrison.plan.dpkg import CONFIGURE

REAL = "/var/lib/dpkg/lock-frontend"


@pytest.fixture
def line(tmp_path: Path) -> str:
    """The shell line with a lock of its own, and a dpkg that says that it was asked."""
    (tmp_path / "lock").touch()
    (tmp_path / "dpkg").write_text("#!/bin/sh\necho asked\n")
    (tmp_path / "dpkg").chmod(0o755)
    return f"PATH={tmp_path}:$PATH; {CONFIGURE.replace(REAL, str(tmp_path / 'lock'))}"


def test_a_lock_that_is_held_is_waited_for(line: str, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        with subprocess.Popen(["sh", "-c", line], stdout=subprocess.PIPE, text=True) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(timeout=2)
            fcntl.lockf(lock, fcntl.LOCK_UN)
            assert waiting.communicate(timeout=60)[0] == "asked\n"


def test_a_lock_that_is_never_let_go_is_named(line: str, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        impatient = ["sh", "-c", line.replace("timeout 300", "timeout 1")]
        done = subprocess.run(impatient, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "lock was held for 300 s" in done.stderr
