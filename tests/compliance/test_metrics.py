"""Prometheus on a live host: whom it scrapes, what it knows of the host, and alerts that come and go."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from garrison.catalog.rules import load_rules, metrics_in
from garrison.controls.deviations import load_deviations
from garrison.controls.load import own_controls
from garrison.evidence.metrics import Measured, find_unmeasured
from garrison.plan.metrics import metrics_question
from garrison.plan.step import LIB, sh
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.test_restarts import asked_meanwhile

SCRAPE = 15
METRICS = "/var/lib/garrison/metrics"
DATABASES = (("postgres", "pg_up", "PostgresDown"), ("redis", "redis_up", "RedisDown"))


@dataclass(frozen=True)
class Prometheus:
    """Its API, asked inside its own container."""

    live: LiveHost
    wanted: Wanted

    def unmeasured(self, seconds: int) -> list[str]:
        """What the gate of phase 3.2 finds."""
        question = json.loads(metrics_question(self.wanted) or "{}") | {"deadline": seconds}
        answer = Measured.model_validate_json(self.live.ask(sh(f"{LIB}/look-metrics", json.dumps(question))))
        return [f"{one.id} {one.where}" for one in find_unmeasured(answer, self.wanted)]

    def get(self, path: str) -> Any:
        answer = self.live.podman(
            "exec", "garrison-prometheus", "curl", "-sf", f"http://127.0.0.1:9090{path}"
        )
        return json.loads(answer)["data"]

    def value(self, query: str) -> float:
        """The one value that a question has."""
        (only,) = self.get(f"/api/v1/query?query={quote(query)}")["result"]
        return float(only["value"][1])

    def alert(self, name: str, job: str) -> str:
        """``pending``, ``firing``, or nothing where it is not active."""
        labels = ((one["labels"], one["state"]) for one in self.get("/api/v1/alerts")["alerts"])
        states = [state for said, state in labels if (said["alertname"], said.get("job")) == (name, job)]
        return states[0] if states else ""

    def wait_for(self, question: Callable[[], object], wanted: object, seconds: float) -> None:
        """Until an answer is the wanted one; the last one is compared when the time is up."""
        end = time.monotonic() + seconds
        while (found := question()) != wanted and time.monotonic() < end:
            time.sleep(3)
        assert found == wanted


@pytest.fixture(scope="module")
def prometheus(live: LiveHost, wanted: Wanted) -> Prometheus:
    need_observability(live)
    return Prometheus(live, wanted)


@contextmanager
def stopped(live: LiveHost, service: str) -> Iterator[None]:
    live.podman("stop", f"garrison-{service}")
    try:
        yield
    finally:
        live.podman("start", f"garrison-{service}")
        live.sh(f"{LIB}/gate {service} --deadline 120")


def test_every_service_with_metrics_is_scraped_and_every_rule_judged(prometheus: Prometheus) -> None:
    assert prometheus.unmeasured(60) == []


def test_a_service_that_stops_is_seen_by_the_gate_and_by_its_alert(
    live: LiveHost, prometheus: Prometheus
) -> None:
    with stopped(live, "node-exporter"):
        found = prometheus.unmeasured(2 * SCRAPE)
        prometheus.wait_for(lambda: prometheus.alert("TargetDown", "node-exporter"), "pending", 2 * SCRAPE)
    assert found == ["metrics.down node-exporter"]
    prometheus.wait_for(lambda: prometheus.alert("TargetDown", "node-exporter"), "", 3 * SCRAPE)


@pytest.mark.full
def test_an_alert_fires_when_a_service_stays_away_and_ends_when_it_is_back(
    live: LiveHost, prometheus: Prometheus
) -> None:
    """TargetDown waits three minutes, so this does."""
    with stopped(live, "nixos-docs"):
        prometheus.wait_for(lambda: prometheus.alert("TargetDown", "nixos-docs"), "firing", 180 + 4 * SCRAPE)
    prometheus.wait_for(lambda: prometheus.alert("TargetDown", "nixos-docs"), "", 3 * SCRAPE)


def test_alertmanager_is_handed_the_sign_of_life(live: LiveHost, prometheus: Prometheus) -> None:
    """Also where the inventory names nobody who is told."""
    url = "http://127.0.0.1:9093"

    def handed_over() -> set[str]:
        words = (
            "exec",
            "garrison-alertmanager",
            "amtool",
            "--alertmanager.url",
            url,
            "alert",
            "--output",
            "json",
        )
        return {one["labels"]["alertname"] for one in json.loads(live.podman(*words))}

    prometheus.wait_for(lambda: "Watchdog" in handed_over(), wanted=True, seconds=90)


@pytest.mark.parametrize(
    ("service", "up", "alert"),
    [
        pytest.param(*one, id=one[0], marks=[pytest.mark.full] if number else [])
        for number, one in enumerate(DATABASES)
    ],
)
def test_a_database_that_stops_is_seen_through_its_exporter(
    live: LiveHost, prometheus: Prometheus, service: str, up: str, alert: str
) -> None:
    job = f"{service}-exporter"
    prometheus.wait_for(lambda: prometheus.value(up), 1.0, 2 * SCRAPE)
    with stopped(live, service):
        prometheus.wait_for(lambda: prometheus.value(up), 0.0, 3 * SCRAPE)
        prometheus.wait_for(lambda: prometheus.alert(alert, job), "pending", 2 * SCRAPE)
        assert prometheus.alert("TargetDown", job) == ""
    prometheus.wait_for(lambda: prometheus.value(up), 1.0, 3 * SCRAPE)


def failing(prometheus: Prometheus) -> set[str]:
    """The controls that the host's metrics say fail."""
    found = prometheus.get("/api/v1/query?query=garrison_control_failed")["result"]
    return {one["metric"]["control"] for one in found}


@pytest.fixture(scope="module")
def published(live: LiveHost, prometheus: Prometheus) -> set[str]:
    """What failed while one control was broken, as Prometheus was told; mended, and told again, since."""
    log = "/var/log/dpkg.log"
    live.sh(f"chmod 0644 {log}")
    try:
        assert live.garrison("check", "--quick", "--publish").returncode == 1
        prometheus.wait_for(lambda: "L03" in failing(prometheus), True, 3 * SCRAPE)
        found = failing(prometheus)
    finally:
        live.sh(f"chmod 0640 {log}")
    assert live.garrison("check", "--quick", "--publish").returncode == 0
    prometheus.wait_for(lambda: failing(prometheus), set(), 3 * SCRAPE)
    return found


def test_a_control_that_fails_is_told_and_no_longer_once_it_is_mended(
    prometheus: Prometheus, published: set[str]
) -> None:
    # A deviation that it makes up for fails with it.
    deviations = load_deviations(own_controls().by_id)
    assert published == {"L03"} | {
        one.deviation.id for one in deviations if "L03" in one.deviation.compensated_by
    }
    assert prometheus.value('garrison_controls{state="failed"}') == 0
    assert prometheus.value('garrison_controls{state="passed"}') > 100


def test_the_run_that_deployed_this_host_is_told_with_its_release(
    live: LiveHost, prometheus: Prometheus
) -> None:
    release = Path(live.sh(f"readlink {live.settings.stack_home}/current")).name
    assert prometheus.value(f'garrison_deploy_info{{release="{release}"}}') == 1
    begun, ended = (
        prometheus.value(f"garrison_deploy_{one}_timestamp_seconds") for one in ("begun", "ended")
    )
    assert ended - begun == pytest.approx(prometheus.value("garrison_deploy_duration_seconds"), abs=0.01)


def unmeasured(metrics: set[str], wanted: Wanted) -> set[str]:
    """Those that a host has only where its inventory names a collector of logs, as that of test_shipping does."""
    if wanted.settings.log_shipping:
        return set()
    return {metric for metric in metrics if metric.startswith("garrison_log_shipping_")}


@pytest.mark.usefixtures("published")
def test_every_metric_that_a_rule_names_is_there(
    live: LiveHost, prometheus: Prometheus, wanted: Wanted
) -> None:
    """Also that of the renewal's last run, and of Redis' errors, which begin with the first of them."""
    units = ("renewal", "probe", "containers", "logs")
    live.sh(f"systemctl start {' '.join(f'garrison-{unit}.service' for unit in units)}")
    assert "NOAUTH" in live.podman("exec", "garrison-redis", "redis-cli", "get", "nobody")
    rules = [rule for one in load_rules(wanted.catalog) for group in one.file.groups for rule in group.rules]
    # What is recorded has a colon in its name, and of errors it is empty until there are some.
    asked = {metric for rule in rules for metric in metrics_in(rule.expr) if ":" not in metric}
    asked -= unmeasured(asked, wanted)
    prometheus.wait_for(
        lambda: asked - set(prometheus.get("/api/v1/label/__name__/values")), set(), 2 * SCRAPE
    )


def test_what_is_measured_is_the_host_and_not_the_container(live: LiveHost, prometheus: Prometheus) -> None:
    home = Path(live.settings.stack_home)
    for mountpoint, path in (("/", home), ("/host/metrics", METRICS)):
        blocks, size = live.sh(f"stat --file-system --format '%b %S' {path}").split()
        query = f'node_filesystem_size_bytes{{mountpoint="{mountpoint}"}}'
        assert prometheus.value(query) == int(blocks) * int(size)
    memory = int(live.sh("awk '/^MemTotal/ {print $2}' /proc/meminfo"))
    assert prometheus.value("node_memory_MemTotal_bytes") == memory * 1024
    assert prometheus.value('count(node_cpu_seconds_total{mode="idle"})') == int(live.sh("nproc --all"))


def test_what_the_hosts_programs_measure_is_read(live: LiveHost, prometheus: Prometheus) -> None:
    assert prometheus.value("node_textfile_scrape_error") == 0
    assert prometheus.value("count(node_textfile_mtime_seconds)") == int(live.sh(f"ls {METRICS} | wc -l"))


def test_a_folder_of_measurements_that_nobody_may_read_is_seen(
    live: LiveHost, prometheus: Prometheus
) -> None:
    """The alert HostMetricsUnreadable asks for this number."""
    live.sh(f"chmod 0700 {METRICS}")
    try:
        prometheus.wait_for(lambda: prometheus.value("node_textfile_scrape_error"), 1.0, 2 * SCRAPE)
    finally:
        live.sh(f"chmod 0755 {METRICS}")
    prometheus.wait_for(lambda: prometheus.value("node_textfile_scrape_error"), 0.0, 2 * SCRAPE)


def test_nobody_notices_that_prometheus_is_killed_and_it_comes_back_by_itself(
    live: LiveHost, prometheus: Prometheus, door: Door
) -> None:
    before = live.podman("inspect", "--format", "{{.State.Pid}}", "garrison-prometheus")
    with asked_meanwhile(door) as found:
        live.sh(f"kill -KILL {before}")
        live.sh(f"{LIB}/gate prometheus --deadline 60")
    assert live.podman("inspect", "--format", "{{.State.Pid}}", "garrison-prometheus") != before
    assert set(found) == {"200"}
    assert prometheus.unmeasured(60) == []
