"""A disk that is full: services go on, Prometheus and the journal make do, and both come back by themselves."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door, probe_of
from tests.compliance.journal import Journal
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.small_disk import SmallDisk, small_disk, wait_until
from tests.compliance.test_metrics import SCRAPE, Prometheus
from tests.compliance.test_restarts import asked_meanwhile
from tests.compliance.test_tracing import logged

pytestmark = pytest.mark.full
CLIENT = "full-disk-test"
JOURNAL = "/var/log/journal"
KEPT = "L01"
HEALS = 30  # seconds after which garrison-journal.service tries again
LOOK_BACK = 300  # seconds for which Prometheus takes a sample for what is now
SERVICE = "aidb"
# The files that journald has open, of those that are in memory.
IN_MEMORY = (
    "ls -l /proc/$(systemctl show --property MainPID --value systemd-journald)/fd"
    " | grep -F /run/log/journal/ || true"
)


@pytest.fixture(scope="module")
def key(live: LiveHost) -> Iterator[str]:
    with live.key_of(CLIENT) as key:
        yield key


def start_prometheus(live: LiveHost) -> None:
    live.podman("start", "garrison-prometheus")
    live.sh(f"{LIB}/gate prometheus --deadline 120")


@contextmanager
def prometheus_on_a_small_disk(live: LiveHost) -> Iterator[SmallDisk]:
    """It starts with nothing, and has again what it had in the end."""
    mounts = json.loads(live.podman("inspect", "garrison-prometheus"))[0]["Mounts"]
    (data,) = (one["Source"] for one in mounts if one["Destination"] == "/data")
    with ExitStack() as stack:
        stack.callback(start_prometheus, live)
        live.podman("stop", "garrison-prometheus")
        disk = stack.enter_context(small_disk(live, data))
        stack.callback(live.podman, "stop", "garrison-prometheus")
        start_prometheus(live)
        kind = ("stat", "--file-system", "--format", "%T", "/data")
        assert live.podman("exec", "garrison-prometheus", *kind) == "tmpfs", (
            "the container has the disk of before"
        )
        yield disk


def is_silent(prometheus: Prometheus, seconds: float) -> bool:
    """Whether nothing new was kept for so long."""
    return prometheus.value("time() - max(max_over_time(timestamp(up)[1h:15s]))") > seconds


def gives_signs_of_life(prometheus: Prometheus) -> bool:
    return "Watchdog" in {one["labels"]["alertname"] for one in prometheus.get("/api/v1/alerts")["alerts"]}


def assert_served(door: Door) -> None:
    with door.client() as client:
        assert {path: client.get(path).status_code for path in door.health} == dict.fromkeys(door.health, 200)


def test_on_a_full_disk_prometheus_keeps_nothing_new_until_there_is_room(
    live: LiveHost, door: Door, wanted: Wanted
) -> None:
    need_observability(live)
    prometheus, journal = Prometheus(live, wanted), Journal(live)
    began = int(live.sh("date +%s"))
    with prometheus_on_a_small_disk(live) as disk:
        assert prometheus.unmeasured(120) == []
        wait_until(lambda: gives_signs_of_life(prometheus), 4 * SCRAPE, "a sign of life")
        place = journal.now()
        with asked_meanwhile(door) as found:
            disk.fill()
            wait_until(lambda: is_silent(prometheus, 4 * SCRAPE), 12 * SCRAPE, "nothing new is kept")
            assert_served(door)
        assert set(found) == {"200"}
        said = journal.after(place, "prometheus")
        assert any(one.has("no space left on device") for one in said), said[-5:]
        assert prometheus.value("count(last_over_time(up[1h]))") > 3, "what it had is gone"
        wait_until(
            lambda: not gives_signs_of_life(prometheus), LOOK_BACK + 6 * SCRAPE, "the sign of life ends"
        )
        disk.empty()
        wait_until(lambda: not is_silent(prometheus, 3 * SCRAPE), 8 * SCRAPE, "what is new is kept again")
        assert prometheus.unmeasured(120) == []
        wait_until(lambda: gives_signs_of_life(prometheus), 8 * SCRAPE, "a sign of life again")
    assert prometheus.unmeasured(120) == []
    assert prometheus.value(f"count(up @ {began})") > 3, "what was measured before is gone"


def open_journal_anew(live: LiveHost) -> None:
    live.sh("systemctl restart systemd-journald")


@contextmanager
def journal_on_a_small_disk(live: LiveHost, left: str | None) -> Iterator[SmallDisk]:
    """journald begins on one with so much left, or nothing; what it had is there again in the end."""
    live.sh("journalctl --sync")
    with ExitStack() as stack:
        stack.callback(open_journal_anew, live)
        disk = stack.enter_context(small_disk(live, JOURNAL))
        if left:
            disk.leave(left)
        else:
            disk.fill()
        open_journal_anew(live)
        yield disk


@pytest.fixture
def ask(live: LiveHost, door: Door, wanted: Wanted, key: str) -> Callable[[], str]:
    """A request that its line is found by, at the door and in the service; its id."""
    service = wanted.catalog.services[SERVICE]
    assert service.route
    path = f"{service.route.path}{probe_of(service)['asks']}"

    def ask() -> str:
        with door.client() as client:
            answer = client.get(path, headers={"X-API-Key": key})
        assert answer.status_code == 200, answer.text
        request = answer.headers["X-Request-ID"]
        logged(live, request, {"nginx", SERVICE})
        return request

    return ask


def test_on_a_full_disk_the_journal_goes_on_in_memory_until_there_is_room(
    live: LiveHost, door: Door, ask: Callable[[], str]
) -> None:
    assert live.sh(IN_MEMORY) == ""
    before = ask()
    with journal_on_a_small_disk(live, None) as disk:
        assert live.sh(IN_MEMORY) != "", "journald found room"
        with asked_meanwhile(door) as found:
            meanwhile = [ask() for _ in range(5)]
            assert_served(door)
        assert set(found) == {"200"}
        assert live.sh(IN_MEMORY) != ""
        assert live.garrison("check", "--controls", KEPT).returncode == 1
        disk.empty()
        wait_until(lambda: live.sh(IN_MEMORY) == "", 3 * HEALS, "the journal is on the disk")
        assert live.garrison("check", "--controls", KEPT).returncode == 0
        for request in (*meanwhile, ask()):
            logged(live, request, {"nginx", SERVICE})
    for request in (before, ask()):
        logged(live, request, {"nginx", SERVICE})


def test_on_a_disk_with_less_room_than_it_leaves_the_journal_keeps_what_is_new(
    live: LiveHost, ask: Callable[[], str]
) -> None:
    with journal_on_a_small_disk(live, "500M"):
        asked = [ask() for _ in range(3)]
        assert live.sh(IN_MEMORY) == ""
        for request in asked:
            logged(live, request, {"nginx", SERVICE})
    logged(live, ask(), {"nginx", SERVICE})
