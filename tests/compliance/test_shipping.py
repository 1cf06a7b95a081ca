"""A live host sends its journal to a real collector over TLS, to no other, loses no line of an outage, and stops."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from garrison.plan.hostfiles import BROUGHT, SHIPPING_FILES, SHIPPING_UNIT
from garrison.plan.shipping import POSITION
from tests.compliance.client import Door
from tests.compliance.collector import Collector, Line, collecting, make_certificate
from tests.compliance.live import LiveHost, need_observability, own_address
from tests.compliance.test_metrics import METRICS, SCRAPE, Prometheus, prometheus
from tests.inventories import Changed, changed

__all__ = ["prometheus"]  # a fixture
pytestmark = pytest.mark.full  # packages are installed and taken away again

NAME = "logs.example.net"
GIVEN = {"certificate": "/etc/ssl/private/shipping-test.crt", "key": "/etc/ssl/private/shipping-test.key"}
BACKLOG = 300  # seconds; all that the journal has kept goes first


@dataclass(frozen=True)
class Shipping:
    """The host with a collector in its inventory; the collector's certificate is in the inventory's folder."""

    host: Changed
    port: int

    @property
    def live(self) -> LiveHost:
        return self.host.live

    @property
    def folder(self) -> Path:
        return self.host.folder

    def said(self, **more: object) -> dict[str, object]:
        """What the inventory says of the collector."""
        return {
            "server": own_address(self.live.address),
            "port": self.port,
            "name": NAME,
            "ca": str(self.folder / f"{NAME}.crt"),
            **more,
        }

    def deploy(self, **more: object) -> list[str]:
        """What a deploy that must be good had to do."""
        return self.host.deploy(log_shipping=self.said(**more))

    def state(self) -> str:
        """What a check says of it."""
        return self.host.state("L06", log_shipping=self.said())

    def collecting(self, asks: Path | None = None) -> AbstractContextManager[Collector]:
        return collecting(own_address(self.live.address), self.folder, NAME, self.port, asks=asks)

    def say(self) -> str:
        """A word that is in the journal from now on."""
        word = f"garrison-{uuid4().hex}"
        self.live.sh(f"logger -t shipping-test {word}")
        return word

    def measured(self) -> dict[str, float]:
        """What the host measures of it now."""
        self.live.sh("systemctl reset-failed garrison-logs.service; systemctl start garrison-logs.service")
        text = self.live.sh(f"cat {METRICS}/logs.prom")
        found = re.findall(r"^garrison_log_shipping_(\w+) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    def wait_for_journal(self, words: str) -> None:
        """Until the unit has said so."""
        seen = f"journalctl -q -u {SHIPPING_UNIT} --since=-2min | grep -q {shlex.quote(words)}"
        self.live.sh(f"timeout 60 sh -c {shlex.quote(f'until {seen}; do sleep 1; done')}")


@pytest.fixture(scope="module")
def shipping(live: LiveHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipping]:
    """The host is as its own inventory says in the end."""
    folder = tmp_path_factory.mktemp("shipping")
    with collecting(own_address(live.address), folder, NAME) as one:
        port = one.port
    with changed(live, folder) as host:
        found = Shipping(host, port)
        with found.collecting() as collector:
            found.deploy()
            collector.wait_for(has(found.say()), BACKLOG)
        yield found


def has(word: str) -> Callable[[list[Line]], Line | None]:
    return lambda lines: next((one for one in lines if word in one.said), None)


def test_a_request_s_lines_arrive_whole_over_tls(shipping: Shipping, door: Door) -> None:
    with shipping.collecting() as collector:
        # What the host says first goes to a connection that is closed, and is lost.
        collector.wait_for(lambda lines: lines or None, BACKLOG)
        with door.client() as client:
            request = client.get("/aidb/").headers["x-request-id"]
        line = collector.wait_for(has(request), 60)
        assert line.program == "garrison-nginx"
        assert json.loads(line.said)["request_id"] == request
        assert collector.versions == {"TLSv1.3"}


def test_a_second_deploy_changes_nothing(shipping: Shipping) -> None:
    assert shipping.deploy() == []


def test_a_unit_that_somebody_stopped_is_started_by_the_next_deploy(shipping: Shipping) -> None:
    assert shipping.state() == "passed"
    shipping.live.sh(f"systemctl stop {SHIPPING_UNIT}")
    assert shipping.state() == "failed"
    (step,) = (one for one in shipping.deploy() if "send the journal again" in one)
    assert "is inactive" in step
    assert shipping.live.sh(f"systemctl is-active {SHIPPING_UNIT}") == "active"
    assert shipping.state() == "passed"


def test_what_is_said_while_the_collector_is_away_arrives_when_it_is_back(shipping: Shipping) -> None:
    words = [shipping.say() for _ in range(20)]
    with shipping.collecting() as collector:
        collector.wait_for(has(words[-1]), 90)
        came = [line.said for line in collector.lines if line.program == "shipping-test"]
    assert [word for word in words if word not in came] == []


def test_how_far_behind_it_is_is_measured(shipping: Shipping) -> None:
    """The place is written down every ten lines."""
    need_observability(shipping.live)
    with shipping.collecting() as collector:
        collector.wait_for(has([shipping.say() for _ in range(20)][-1]), 90)
        found = shipping.measured()
        assert found["active"] == 1
        assert found["behind_seconds"] < 60
    waiting = [shipping.say() for _ in range(20)]
    shipping.live.sh("sleep 70")
    late = shipping.measured()["behind_seconds"]
    assert 60 < late < 300
    with shipping.collecting() as collector:
        collector.wait_for(has(waiting[-1]), 90)
        collector.wait_for(has([shipping.say() for _ in range(20)][-1]), 90)
        assert shipping.measured()["behind_seconds"] < 60


def test_a_unit_that_does_not_run_has_an_alert_wait(shipping: Shipping, prometheus: Prometheus) -> None:
    def state() -> str:
        return prometheus.alert("LogShippingBehind", "node-exporter")

    shipping.live.sh(f"systemctl stop {SHIPPING_UNIT}")
    try:
        assert shipping.measured()["active"] == 0
        prometheus.wait_for(state, "pending", 4 * SCRAPE)
    finally:
        shipping.live.sh(f"systemctl start {SHIPPING_UNIT}")
    with shipping.collecting() as collector:
        collector.wait_for(has([shipping.say() for _ in range(20)][-1]), 90)
        assert shipping.measured()["active"] == 1
        prometheus.wait_for(state, "", 4 * SCRAPE)


def test_a_collector_of_another_name_is_told_nothing(shipping: Shipping) -> None:
    assert shipping.deploy(name="other.example.net")
    try:
        with shipping.collecting() as collector:
            word = shipping.say()
            shipping.wait_for_journal("not permitted")
            assert collector.lines == []
    finally:
        shipping.deploy()
    with shipping.collecting() as collector:
        collector.wait_for(has(word), 90)


def test_a_collector_whom_nobody_vouches_for_is_told_nothing(
    shipping: Shipping, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It bears the right name, by a certificate of its own making."""
    folder = tmp_path_factory.mktemp("stranger")
    with collecting(own_address(shipping.live.address), folder, NAME, shipping.port) as stranger:
        word = shipping.say()
        shipping.wait_for_journal("certificate verify failed")
        assert stranger.lines == []
    with shipping.collecting() as collector:
        collector.wait_for(has(word), 90)


def test_a_certificate_that_is_not_there_fails_the_deploy_and_one_that_is_there_is_shown(
    shipping: Shipping,
) -> None:
    files = make_certificate(shipping.folder, "host.example.net")
    try:
        failed = shipping.host.run(log_shipping=shipping.said(**GIVEN))
        assert failed.returncode == 1
        assert "CREDENTIALS" in failed.stdout + failed.stderr
        for place, file in zip(GIVEN.values(), files, strict=True):
            shipping.live.pipe(file.read_text(), f"install -m 0600 /dev/stdin {place}")
        assert shipping.deploy(**GIVEN)
        with shipping.collecting(asks=files[0]) as collector:
            collector.wait_for(has(shipping.say()), 90)
            assert collector.versions == {"TLSv1.2"}
    finally:
        shipping.live.quietly(f"rm -f {' '.join(GIVEN.values())}")
        shipping.deploy()


def test_the_unit_may_do_nothing_else(shipping: Shipping) -> None:
    found = shipping.live.sh(
        f"systemctl show {SHIPPING_UNIT} -p DynamicUser,CapabilityBoundingSet,ProtectSystem,User"
    )
    assert "DynamicUser=yes" in found
    assert "CapabilityBoundingSet=\n" in f"{found}\n"
    process = shipping.live.sh("ps -o user= -C rsyslogd")
    assert "root" not in process.split()
    assert shipping.live.sh("systemctl is-enabled rsyslog.service || true").strip() == "masked"


def test_an_inventory_without_a_collector_ends_it(shipping: Shipping) -> None:
    assert shipping.live.garrison("deploy").returncode == 0
    assert shipping.live.sh("pgrep -x rsyslogd || true").strip() == ""
    left = shipping.live.sh(f"ls {' '.join((*SHIPPING_FILES, BROUGHT, *POSITION))} 2>/dev/null || true")
    assert left.strip() == ""
    assert shipping.live.sh("dpkg-query -W -f '${db:Status-Status}' rsyslog 2>/dev/null || true").strip() in (
        "",
        "not-installed",
    )
    with shipping.collecting() as collector:
        shipping.say()
        assert collector.lines == []
    assert shipping.measured() == {}
    assert shipping.host.state("L06") == "not applicable"
