"""What the host measures of each container is what it takes, begins anew with it, and is missed when it stays away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.test_metrics import METRICS, SCRAPE, Prometheus, prometheus, stopped

__all__ = ["prometheus"]  # a fixture
FILE = f"{METRICS}/containers.prom"
UNIT = "garrison-containers"
WORKER = "nixos-docs"  # no other service needs it
MIB = 1024**2
# What each process of each container holds, by Debian's own tools: alone, and with what it shares.
PROCESSES = """
while read -r name pid; do
  for one in $(pgrep --ns "$pid" --nslist pid .); do
    awk -v name="$name" '/^RssAnon/ {own = $2} /^Rss(Anon|Shmem)/ {whole += $2}
      END {if (own != "") print name, own, whole}' "/proc/$one/status" 2>/dev/null || true
  done
done <<'PIDS'
"""
Series = dict[tuple[str, str], float]


@pytest.fixture(scope="module", autouse=True)
def _observed(live: LiveHost) -> None:
    need_observability(live)


def read(live: LiveHost) -> Series:
    """Each series by its name and service, without what all names begin with."""
    rows = re.findall(
        r'^garrison_container(s?_\w+)(?:\{(?:service|of)="([\w-]+)"\})? (\S+)$',
        live.sh(f"cat {FILE}"),
        re.MULTILINE,
    )
    return {(name.removeprefix("_"), of): float(value) for name, of, value in rows}


def measured(live: LiveHost) -> Series:
    """What it measures when it is asked to now."""
    # systemd refuses more than five starts in ten seconds.
    live.sh(f"systemctl reset-failed {UNIT}.service; systemctl start {UNIT}.service")
    return read(live)


def running(live: LiveHost) -> set[str]:
    names = live.podman("ps", "--format", "{{.Names}}").split()
    return {name.removeprefix("garrison-") for name in names}


def services_of(found: Series, name: str) -> set[str]:
    return {service for one, service in found if one == name}


@contextmanager
def silent_podman(live: LiveHost) -> Iterator[None]:
    """The program finds no way to ask Podman."""
    folder = f"/run/systemd/system/{UNIT}.service.d"
    live.sh(
        f"mkdir -p {folder} && printf '[Service]\\nEnvironment=GARRISON_LIB=/nowhere\\n' > {folder}/silent.conf"
    )
    live.sh("systemctl daemon-reload")
    try:
        yield
    finally:
        live.sh(f"rm -rf {folder} && systemctl daemon-reload && systemctl reset-failed {UNIT}.service")
        assert measured(live)["s_measured", ""] == 1


@contextmanager
def without_timer(live: LiveHost) -> Iterator[None]:
    live.sh(f"systemctl stop {UNIT}.timer")
    try:
        yield
    finally:
        live.sh(f"systemctl start {UNIT}.timer")
        measured(live)


def test_each_container_of_the_release_has_its_series(live: LiveHost, wanted: Wanted) -> None:
    found = measured(live)
    services = set(wanted.catalog.services)
    assert running(live) == services
    for name in ("start_time_seconds", "cpu_seconds_total", "memory_bytes", "threads", "rootless", "healthy"):
        assert services_of(found, name) == services, name


def test_each_container_is_healthy_and_rootless(live: LiveHost, wanted: Wanted) -> None:
    found = measured(live)
    assert {found["healthy", service] for service in wanted.catalog.services} == {1}
    assert {found["rootless", service] for service in wanted.catalog.services} == {1}


def test_each_start_is_when_podman_says(live: LiveHost) -> None:
    found = measured(live)
    for row in live.podman("ps", "--format", "{{.Names}} {{.StartedAt}}").splitlines():
        name, started = row.split()
        assert found["start_time_seconds", name.removeprefix("garrison-")] == int(started)


def test_it_says_what_each_resource_was_read_from(live: LiveHost, wanted: Wanted) -> None:
    """A cgroup knows memory and threads where the host delegates their controllers, and time anywhere."""
    source = "cgroup" if "memory" in wanted.delegated else "proc"
    measured(live)
    for service in wanted.catalog.services:
        line = f'garrison_container_source{{service="{service}",resource="memory",source="{source}"}} 1'
        assert live.sh(f"grep -cFx {line!r} {FILE}") == "1"


def test_memory_is_what_the_kernel_says_of_the_processes(live: LiveHost, wanted: Wanted) -> None:
    """At least what the largest process has alone, and at most what all of them have, pages shared counted twice."""
    found = measured(live)
    pids = live.podman("ps", "--format", "{{.Names}} {{.Pid}}")
    held: dict[str, list[tuple[int, int]]] = {}
    for row in live.pipe(f"{PROCESSES.lstrip()}{pids}\nPIDS\n", "bash -s").splitlines():
        name, own, whole = row.split()
        held.setdefault(name.removeprefix("garrison-"), []).append((int(own) * 1024, int(whole) * 1024))
    assert set(held) == set(wanted.catalog.services)
    # A cgroup also counts what the kernel holds for it.
    slack = 64 * MIB if "memory" in wanted.delegated else 4 * MIB
    for service, processes in held.items():
        least, most = max(own for own, _ in processes) * 0.8, sum(whole for _, whole in processes) * 1.2
        assert least <= found["memory_bytes", service] <= most + slack, service
        assert found["threads", service] >= len(processes), service


def test_time_grows_most_for_the_container_that_works(live: LiveHost) -> None:
    before = measured(live)
    work = ("timeout", "30", "/opt/venv/bin/python", "-c", "while True: pass")
    live.podman("exec", "--detach", f"garrison-{WORKER}", *work)
    live.sh("sleep 6")
    after = measured(live)
    took = {
        service: after["cpu_seconds_total", service] - before["cpu_seconds_total", service]
        for service in services_of(before, "cpu_seconds_total")
    }
    assert took[WORKER] > 2
    assert max(took, key=lambda service: took[service]) == WORKER
    assert min(took.values()) >= 0


def test_a_container_that_is_restarted_by_hand_counts(live: LiveHost, prometheus: Prometheus) -> None:
    before = measured(live)
    changes = f'changes(garrison_container_start_time_seconds{{service="{WORKER}"}}[5m])'
    live.podman("restart", f"garrison-{WORKER}")
    live.sh(f"{LIB}/gate {WORKER} --deadline 120")
    after = measured(live)
    assert after["start_time_seconds", WORKER] > before["start_time_seconds", WORKER]
    assert after["cpu_seconds_total", WORKER] < before["cpu_seconds_total", WORKER]
    prometheus.wait_for(lambda: prometheus.value(changes) >= 1, wanted=True, seconds=3 * SCRAPE)


def test_of_a_container_that_is_stopped_only_that_is_told(live: LiveHost, prometheus: Prometheus) -> None:
    with stopped(live, WORKER):
        found = measured(live)
        assert [name for name, service in found if service == WORKER] == ["healthy"]
        assert found["healthy", WORKER] == 0
        query = f'garrison_container_healthy{{service="{WORKER}"}}'
        prometheus.wait_for(lambda: prometheus.value(query), 0.0, 3 * SCRAPE)
    assert measured(live)["healthy", WORKER] == 1


def test_when_podman_can_not_be_asked_no_number_of_before_is_left_and_an_alert_waits(
    live: LiveHost, prometheus: Prometheus
) -> None:
    with silent_podman(live):
        live.sh(f"! systemctl start {UNIT}.service")
        found = read(live)
        assert set(found) == {("s_measured", ""), ("s_measured_timestamp_seconds", "")}
        assert found["s_measured", ""] == 0
        prometheus.wait_for(
            lambda: prometheus.alert("ContainersUnmeasured", "node-exporter"), "pending", 4 * SCRAPE
        )
    prometheus.wait_for(lambda: prometheus.alert("ContainersUnmeasured", "node-exporter"), "", 4 * SCRAPE)


def test_when_nobody_measures_any_more_an_alert_waits(live: LiveHost, prometheus: Prometheus) -> None:
    """The last measurement is made ten minutes older than it is."""
    with without_timer(live):
        old = int(measured(live)["s_measured_timestamp_seconds", ""]) - 610
        live.sh(f"sed -i 's/^\\(garrison_containers_measured_timestamp_seconds\\) .*/\\1 {old}/' {FILE}")
        prometheus.wait_for(
            lambda: prometheus.alert("ContainersUnmeasured", "node-exporter"), "pending", 4 * SCRAPE
        )
    prometheus.wait_for(lambda: prometheus.alert("ContainersUnmeasured", "node-exporter"), "", 4 * SCRAPE)


@pytest.mark.full  # a minute until its timer's turn
def test_the_host_measures_by_itself(live: LiveHost) -> None:
    live.sh(f"systemctl is-active {UNIT}.timer")
    first = read(live)["s_measured_timestamp_seconds", ""]
    live.sh(
        f"for _ in $(seq 90); do grep -q 'timestamp_seconds {first:.14g}$' {FILE} || break; sleep 1; done"
    )
    assert read(live)["s_measured_timestamp_seconds", ""] > first


def test_the_engines_socket_is_not_needed_for_it(live: LiveHost) -> None:
    measured(live)
    assert live.sh(f"{LIB}/as-stack systemctl --user is-active podman.socket || true") == "inactive"
