"""What the kernel tells of a container."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.unit.hostside.kernel import AIDB, OF_AIDB


@pytest.mark.parametrize(
    ("path", "cgroup"),
    [
        (f"0::{OF_AIDB}/container\n", OF_AIDB),
        (f"0::{OF_AIDB}\n", OF_AIDB),
        (f"1:name=systemd:/x\n0::/libpod_parent/libpod-{AIDB}/a/b\n", f"/libpod_parent/libpod-{AIDB}"),
        ("0::/user.slice/session.scope\n", None),
        (f"4:memory:/libpod-{AIDB}\n0::/\n", None),
    ],
)
def test_a_containers_own_cgroup_bears_its_id(
    load: Callable[[str], ModuleType], path: str, cgroup: str | None
) -> None:
    assert load("usage").find_cgroup(path, AIDB) == cgroup


def test_what_it_reads_of_this_very_process_is_about_right(load: Callable[[str], ModuleType]) -> None:
    """The real /proc: a form that a kernel has, and the tests have not, would be seen."""
    usage, filled = load("usage"), bytearray(32 * 1024**2)
    filled[::4096] = b"x" * len(filled[::4096])
    pid = int(Path("/proc/self").readlink().name)
    assert pid in usage.by_namespace()[usage.namespace(pid)]
    found = usage.ask_processes([pid])
    assert found["memory"]["memory_bytes"] >= len(filled)
    assert 0 < found["cpu"]["cpu_seconds_total"] <= time.process_time() + 3600
    assert found["threads"]["threads"] >= 1
    assert sys.getsizeof(filled) >= len(filled)


def test_a_process_that_has_ended_and_that_nobody_has_waited_for_holds_nothing(
    load: Callable[[str], ModuleType],
) -> None:
    """A zombie has no memory that could be asked for."""
    ended = subprocess.Popen(["true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    found = load("usage").ask_processes([ended.pid])
    assert (found["memory"]["memory_bytes"], found["threads"]["threads"]) == (0, 1)
    ended.wait()
