"""The controls of what watches the stack: they hold on a live host, and see what they are there to see."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep

import httpx
import pytest

from garrison.catalog.catalog import PREFIX
from garrison.controls.load import load_controls
from garrison.evidence.asking import ask_logs, ask_measured, ask_spans
from garrison.evidence.checks import Evidence
from garrison.evidence.spans import BEGINS, EXAMPLES
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost, need_observability
from tests.compliance.test_metrics import SCRAPE, stopped
from tests.compliance.traces import Collector, ask, client, collector, new_trace
from tests.controls.judging import find_failing

__all__ = ["client", "collector"]  # fixtures

CONTROLS = [
    control
    for name, control in load_controls().by_id.items()
    if name.startswith("M") or name in ("L08", "L29")
]


def failing(live: LiveHost, wanted: Wanted) -> Mapping[str, list[str]]:
    """What each of them finds now, as `garrison check` asks for it."""
    evidence = Evidence(
        snapshot=live.snapshot(),
        measured=ask_measured(live.ask, wanted),
        spans=ask_spans(live.ask, wanted),
        logs=ask_logs(live.ask, wanted),
    )
    found = find_failing(evidence, wanted, CONTROLS)
    return {name: sorted({one.where for one in each}) for name, each in found.items()}


@pytest.fixture(autouse=True)
def _observed(live: LiveHost) -> None:
    need_observability(live)


def wait_for(live: LiveHost, wanted: Wanted, expected: Mapping[str, list[str]]) -> None:
    """Until they find it: Prometheus scrapes each 15 seconds, and what it saw before counts until then."""
    end = monotonic() + 4 * SCRAPE
    while (found := failing(live, wanted)) != expected and monotonic() < end:
        sleep(2)
    assert found == expected


def test_they_hold(live: LiveHost, wanted: Wanted) -> None:
    assert failing(live, wanted) == {}


def test_a_service_that_can_not_be_scraped_is_named(live: LiveHost, wanted: Wanted) -> None:
    with stopped(live, "node-exporter"):
        wait_for(live, wanted, {"M01": ["node-exporter"]})
    wait_for(live, wanted, {})


def read_again(live: LiveHost) -> None:
    """Prometheus reads its configuration anew. By Podman's own kill it would count as stopped, and start no more."""
    live.sh(f"kill -HUP {live.podman('inspect', '--format', '{{.State.Pid}}', 'garrison-prometheus')}")


@contextmanager
def judging_something_else(live: LiveHost) -> Iterator[None]:
    """Prometheus has read a file of rules in which one asks for something else; in the end it has read ours."""
    mounts = json.loads(live.podman("inspect", "garrison-prometheus"))[0]["Mounts"]
    (rules,) = (one["Source"] for one in mounts if one["Destination"].endswith("/rules.yml"))
    ours = live.sh("mktemp")
    # The container holds on to the file itself, so it is written into and not replaced.
    live.sh(
        f"cat {rules} > {ours}; sed 's/^\\( *expr: up ==\\) 0$/\\1 2/' {ours} > {rules}; ! cmp -s {ours} {rules}"
    )
    try:
        read_again(live)
        yield
    finally:
        live.sh(f"cat {ours} > {rules}; rm {ours}")
        read_again(live)


def test_a_rule_that_asks_something_else_is_named(live: LiveHost, wanted: Wanted) -> None:
    with judging_something_else(live):
        wait_for(live, wanted, {"M02": ["rule prometheus/targets/TargetDown"]})
    wait_for(live, wanted, {})


@pytest.mark.full
def test_a_service_whose_spans_never_come_is_named(
    live: LiveHost, wanted: Wanted, client: httpx.Client, collector: Collector
) -> None:
    """The collector has begun anew, and aidb can't reach it; nobody else has been asked, and isn't missed."""
    live.podman("restart", f"garrison-{collector.name}")
    live.sh(f"{LIB}/gate {collector.name} --deadline 120")
    live.podman("network", "disconnect", f"{PREFIX}-aidb--{collector.name}", "garrison-aidb")
    try:
        sleep(BEGINS.total_seconds() + 5)
        assert failing(live, wanted) == {}
        assert client.get("/aidb/documents").status_code == 200
        # Its example has to be scraped, and its span to be overdue.
        sleep(SCRAPE + int(EXAMPLES["until"]) + 5)
        wait_for(live, wanted, {"M03": ["aidb"]})
    finally:
        live.replace("aidb", wanted)
    trace = new_trace()
    assert ask(client, "/aidb/search", "query", trace).status_code == 200
    collector.wait_for(trace, {"aidb"})
    wait_for(live, wanted, {})


@pytest.mark.full
def test_a_collector_that_is_gone_is_named(live: LiveHost, wanted: Wanted) -> None:
    with stopped(live, "jaeger"):
        wait_for(live, wanted, {"M01": ["jaeger"], "M03": ["jaeger"]})
    wait_for(live, wanted, {})


@pytest.mark.full
def test_without_prometheus_nothing_is_known_to_be_well(live: LiveHost, wanted: Wanted) -> None:
    with stopped(live, "prometheus"):
        wait_for(live, wanted, {name: ["prometheus"] for name in ("L08", "M01", "M02", "M03")})
    wait_for(live, wanted, {})


def test_a_service_that_writes_text_is_named(live: LiveHost, wanted: Wanted) -> None:
    """By hand, as somebody's forgotten print would."""
    try:
        live.podman("exec", "garrison-aidb", "sh", "-c", "echo 'no document' > /proc/1/fd/1")
        wait_for(live, wanted, {"L29": ["container garrison-aidb"]})
    finally:
        live.replace("aidb", wanted)
    wait_for(live, wanted, {})
