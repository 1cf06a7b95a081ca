"""What the host measures of containers, from a kernel's files of a test's own and what Podman says of them."""

import json
import re
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.hostside.conftest import Host
from tests.unit.hostside.kernel import AIDB, OF_AIDB, OF_NGINX, SLICE, Kernel

RELEASE = {
    "services": {
        name: {"container": f"garrison-{name}", "limits": {"memory": memory, "cpus": 1, "pids": 64}}
        for name, memory in (("aidb", "512M"), ("nginx", "64M"), ("redis", "1G"))
    }
}
Series = dict[str, float]


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """Two containers without a cgroup: of aidb there are two processes."""
    made = Kernel(tmp_path)
    made.process(1, "1", "/init.scope", (900, 900, 900, 900))
    made.process(4101, "7", f"{OF_AIDB}/container", (100, 50, 30, 20), threads=9)
    made.process(4150, "7", f"{OF_AIDB}/container", (200, 0, 0, 0), threads=2)
    made.process(4203, "8", OF_NGINX)
    return made


@pytest.fixture
def measured(
    load: Callable[[str], ModuleType],
    host: Host,
    kernel: Kernel,
    tmp_path: Path,
    fixtures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Series]:
    """Runs it; gives each series that it left, without what all names begin with."""
    monkeypatch.setenv("GARRISON_STATE", str(tmp_path / "state"))
    (tmp_path / "state/metrics").mkdir(parents=True)
    program: Any = load("measure-containers")
    program.RELEASE = tmp_path / "expectations.json"
    program.RELEASE.write_text(json.dumps(RELEASE))
    program.usage.PROC, program.usage.CGROUPS = kernel.proc, kernel.cgroups
    host.answer("ps", (fixtures / "containers/ps.json").read_text())

    def run() -> Series:
        try:
            program.main()
        finally:
            text = (tmp_path / "state/metrics/containers.prom").read_text()
        return {
            name: float(value)
            for name, value in re.findall(r"^garrison_container(\S+) (\S+)$", text, re.MULTILINE)
        }

    return run


def test_a_cgroup_with_all_controllers_tells_everything(
    measured: Callable[[], Series], kernel: Kernel
) -> None:
    kernel.cgroup(OF_AIDB, "memory", "pids")
    found = measured()
    of = {name.removesuffix('{service="aidb"}'): value for name, value in found.items() if '"aidb"}' in name}
    assert of == {
        "_healthy": 1,
        "_rootless": 1,
        "_start_time_seconds": 1795676000,
        "_restarts_total": 2,
        "_cpu_seconds_total": 12.5,
        "_memory_bytes": 110e6 - 40e6 - 2e6,
        "_memory_cache_bytes": 40e6,
        "_memory_limit_bytes": 512 * 1024**2,
        "_threads": 21,
        "_threads_limit": 64,
    }
    assert found['_source{service="aidb",resource="memory",source="cgroup"}'] == 1


def test_without_a_cgroup_it_is_summed_up_over_the_processes_and_said_so(
    measured: Callable[[], Series],
) -> None:
    """A tick is a hundredth of a second."""
    found = measured()
    assert found['_cpu_seconds_total{service="aidb"}'] == 4
    assert found['_memory_bytes{service="aidb"}'] == 2 * 120 * 1024
    assert found['_memory_cache_bytes{service="aidb"}'] == 2 * 102 * 1024
    assert found['_threads{service="aidb"}'] == 11
    for resource in ("cpu", "memory", "threads"):
        assert found[f'_source{{service="aidb",resource="{resource}",source="proc"}}'] == 1


def test_without_a_controller_only_what_it_counts_is_summed_up(
    measured: Callable[[], Series], kernel: Kernel
) -> None:
    kernel.cgroup(OF_AIDB)
    found = measured()
    assert found['_cpu_seconds_total{service="aidb"}'] == 12.5
    assert found['_source{service="aidb",resource="cpu",source="cgroup"}'] == 1
    assert found['_threads{service="aidb"}'] == 11
    assert found['_source{service="aidb",resource="threads",source="proc"}'] == 1


def test_the_doors_cgroup_is_found_though_systemd_made_it(
    measured: Callable[[], Series], kernel: Kernel
) -> None:
    kernel.cgroup(OF_NGINX, "memory", "pids")
    assert measured()['_threads{service="nginx"}'] == 21


def test_of_a_container_that_has_ended_nothing_is_told_but_that(measured: Callable[[], Series]) -> None:
    assert {name for name in measured() if "redis" in name} == {'_healthy{service="redis"}'}
    assert measured()['_healthy{service="redis"}'] == 0


def test_a_container_that_ends_while_it_is_measured_has_ended(
    measured: Callable[[], Series], kernel: Kernel
) -> None:
    (kernel.proc / "4101/cgroup").unlink()
    assert {name: value for name, value in measured().items() if "aidb" in name} == {
        '_healthy{service="aidb"}': 0
    }


def test_a_container_that_runs_and_fails_its_health_check_is_measured_and_not_healthy(
    measured: Callable[[], Series],
) -> None:
    found = measured()
    assert found['_healthy{service="nginx"}'] == 0
    assert found['_start_time_seconds{service="nginx"}'] == 1795676100


def test_what_is_no_container_of_the_release_has_no_series(
    measured: Callable[[], Series], host: Host
) -> None:
    listed = [
        {"Names": ["other"], "Id": AIDB, "Pid": 4101, "StartedAt": 1, "State": "running", "Status": "Up"}
    ]
    host.answer("ps", json.dumps(listed))
    services = {name[1] for name in (re.search(r'service="(\w+)"', each) for each in measured()) if name}
    assert services == {"aidb", "nginx", "redis"}


def test_root_of_the_host_in_a_container_is_seen(measured: Callable[[], Series], kernel: Kernel) -> None:
    (kernel.proc / "4203/uid_map").write_text("         0          0 4294967295\n")
    found = measured()
    assert (found['_rootless{service="nginx"}'], found['_rootless{service="aidb"}']) == (0, 1)


def test_the_time_never_falls_while_a_container_runs(measured: Callable[[], Series], kernel: Kernel) -> None:
    """A process that nobody waits for takes its time with it."""
    assert measured()['_cpu_seconds_total{service="aidb"}'] == 4
    kernel.process(4150, "7", f"{OF_AIDB}/container")
    assert measured()['_cpu_seconds_total{service="aidb"}'] == 4


def test_after_another_start_the_time_begins_again(
    measured: Callable[[], Series], kernel: Kernel, host: Host, fixtures: Path
) -> None:
    measured()
    kernel.process(4150, "7", f"{OF_AIDB}/container")
    host.answer("ps", (fixtures / "containers/ps.json").read_text().replace("1795676000", "1795679999"))
    assert measured()['_cpu_seconds_total{service="aidb"}'] == 2


def test_who_was_killed_for_want_of_memory_is_counted_for_the_stack(
    measured: Callable[[], Series], kernel: Kernel
) -> None:
    kernel.write(kernel.cgroups / f"{SLICE[1:]}/memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
    assert measured()['s_oom_kills_total{of="stack"}'] == 1


def test_without_a_memory_controller_it_is_counted_for_the_host(measured: Callable[[], Series]) -> None:
    assert measured()['s_oom_kills_total{of="host"}'] == 7


def test_when_it_was_measured_is_told(measured: Callable[[], Series]) -> None:
    found = measured()
    assert found["s_measured"] == 1
    assert time.time() - found["s_measured_timestamp_seconds"] < 60


def test_when_podman_does_not_answer_nothing_of_before_is_left(
    measured: Callable[[], Series], host: Host, tmp_path: Path
) -> None:
    measured()
    host.answer("ps", "database is locked", code=125)
    with pytest.raises(SystemExit, match="containers can't be measured: podman ps: exit code 125"):
        measured()
    text = (tmp_path / "state/metrics/containers.prom").read_text()
    assert re.findall(r"^(garrison\S+) 0$", text, re.MULTILINE) == ["garrison_containers_measured"]
    assert "service=" not in text


def test_a_fault_that_is_no_end_of_a_container_is_told(
    measured: Callable[[], Series], kernel: Kernel
) -> None:
    (kernel.proc / "4101/cgroup").unlink()
    (kernel.proc / "4101/cgroup").mkdir()
    with pytest.raises(SystemExit, match="Is a directory"):
        measured()


def test_everybody_may_read_the_file_and_nothing_is_left_beside_it(
    measured: Callable[[], Series], tmp_path: Path
) -> None:
    measured()
    (file,) = (tmp_path / "state/metrics").iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("containers.prom", 0o644)


def test_prometheus_takes_what_is_written(
    measured: Callable[[], Series],
    tmp_path: Path,
    promtool: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    measured()
    text = (tmp_path / "state/metrics/containers.prom").read_text()
    done = subprocess.run(
        [promtool("--version").args[0], "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
