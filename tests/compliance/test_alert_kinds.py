"""What goes wrong on a live host is told to a real receiver, each kind of it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.client import Door, probe_of
from tests.compliance.live import LiveHost, run_tool
from tests.compliance.test_metrics import SCRAPE, stopped
from tests.compliance.told import RUNBOOKS, Told
from tests.inventories import write_inventory

pytestmark = pytest.mark.full  # some alerts wait for ten minutes
CLIENT = "alert-kinds-test"
# Of services that a page tells of, one that fails without its database, and one that nobody asks meanwhile.
FAILING, DATABASE, RESTARTED = "aidb", "postgres", "nixos-docs"
LOG = "/var/log/dpkg.log"
TEXTS, AT_ONCE = 256, 8  # more together than the queue of embeddings holds
# What a rule waits for, and the scrapes, the evaluation and the gathering around it.
AROUND = 2 * SCRAPE + 15 + 60
SOON = {"PostgresDown": 120, "BreakerOpen": 120, "ErrorBudgetBurnsFast": 300, "ServiceRestarting": 120}
LATER = {
    "EmbeddingsQueueFull": 300,
    "ControlFailed": 600,
    "CertificateExpiresSoon": 600,
    "DiskAlmostFull": 600,
}
DISK, METRICS = "/var/tmp/garrison-test-disk", "/var/lib/garrison/metrics"


@pytest.fixture(scope="module")
def key(live: LiveHost) -> Iterator[str]:
    with live.key_of(CLIENT) as key:
        yield key


@contextmanager
def broken_control(live: LiveHost) -> Iterator[None]:
    """A check tells Prometheus of it."""
    live.sh(f"chmod 0644 {LOG}")
    try:
        assert live.garrison("check", "--quick", "--publish").returncode == 1
        yield
    finally:
        live.sh(f"chmod 0640 {LOG}")
        live.garrison("check", "--quick", "--publish")


@contextmanager
def full_disk(live: LiveHost) -> Iterator[None]:
    """What the host measures lies on a disk of its own with a twentieth left, as it could; the exporter looks there.

    By FUSE, for a lab host may set up no device; a tmpfs is no disk to the exporter.
    """
    apt = "env DEBIAN_FRONTEND=noninteractive apt-get -qq -y"
    live.sh(f"{apt} update && {apt} install --no-install-recommends fuse2fs")
    try:
        live.sh(
            f"truncate -s 32M {DISK} && mkfs.ext4 -q -F -d {METRICS} {DISK} && fuse2fs -o allow_other {DISK} {METRICS}"
            f"\nset -- $(df --output=size,avail {METRICS} | tail -n 1)"
            f"\nhead -c $((($2 - $1 / 20) * 1024)) /dev/zero >{METRICS}/filling"
        )
        live.podman("restart", "garrison-node-exporter")
        yield
    finally:
        live.quietly(f"umount --lazy {METRICS}; rm -f {DISK}; {apt} purge --autoremove fuse2fs")
        live.podman("restart", "garrison-node-exporter")


@contextmanager
def short_certificate(told: Told) -> Iterator[None]:
    """The door's is good for two more days; in the end it has one for as long as ever."""
    live = told.live
    tls = {**live.data.get("tls", {}), "leaf_days": 2}
    path = write_inventory(told.host.folder / "short.py", (live.name, live.data | {"tls": tls}))
    try:
        done = run_tool("garrison", "cert", "renew", path)
        assert done.returncode == 0, done.stderr
        yield
    finally:
        assert live.garrison("cert", "renew").returncode == 0


@contextmanager
def repeated(once: Callable[[], object], seconds: float) -> Iterator[None]:
    """``once`` again and again, with so long a pause, until the block ends; no answer is an answer here."""
    has_ended = Event()

    def run() -> None:
        while not has_ended.is_set():
            with suppress(httpx.HTTPError):
                once()
            has_ended.wait(seconds)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()


@pytest.fixture(scope="module")
def came(told: Told, door: Door, wanted: Wanted, key: str) -> dict[str, str]:
    """The runbook of each alert that came while everything was wrong; all is well again in the end."""
    live, headers = told.live, {"X-API-Key": key}
    route, queue = (wanted.catalog.services[name].route for name in (FAILING, "embeddings"))
    assert route
    assert queue
    path = f"{route.path}{probe_of(wanted.catalog.services[FAILING])['asks']}"
    texts = {"inputs": [f"text {number}" for number in range(TEXTS)]}

    with ExitStack() as stack:
        client = stack.enter_context(door.client())

        def ask() -> None:
            client.get(path, headers=headers)

        def embed(_: int) -> None:
            client.post(f"{queue.path}embed", headers=headers, json=texts)

        def crowd() -> None:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(embed, range(AT_ONCE)))

        stack.enter_context(broken_control(live))
        stack.enter_context(short_certificate(told))
        stack.enter_context(full_disk(live))  # the last, for what the others leave as metrics has to stay
        stack.enter_context(repeated(crowd, 45))
        with stopped(live, DATABASE), repeated(ask, 0.1):
            for _ in range(3):
                live.podman("restart", f"garrison-{RESTARTED}")
                time.sleep(SCRAPE + 5)
            found = {alert: arrived(told, alert, longest + AROUND) for alert, longest in SOON.items()}
        return found | {alert: arrived(told, alert, longest + AROUND) for alert, longest in LATER.items()}


def arrived(told: Told, alert: str, seconds: float) -> str:
    """The runbook that it came with, or nothing where it didn't come."""

    def find() -> str | None:
        for one in told.receivers.posted:
            if one.path == "/alerts" and one.body["groupLabels"] == {"alertname": alert}:
                return str(one.body["alerts"][0]["annotations"]["runbook"])
        return None

    try:
        return told.receivers.wait_for(find, seconds)
    except AssertionError:
        return ""


@pytest.mark.parametrize("alert", [*SOON, *LATER])
def test_it_is_told_with_its_runbook(came: dict[str, str], alert: str, root: Path) -> None:
    page = f"docs/runbooks/{alert}.md"
    assert came[alert] == f"{RUNBOOKS}{page}"
    assert (root / page).is_file()
