"""The collector of a live host's traces: the gate asks it, and nobody else needs it."""

import time
from contextlib import ExitStack
from statistics import median

import httpx
import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost
from tests.compliance.test_metrics import SCRAPE, Prometheus, stopped
from tests.compliance.traces import CALLER, Collector, ask, client, collector, new_trace

__all__ = ["client", "collector"]  # fixtures
ROUNDS, EACH = 5, 60
SLOWER = 1.05


def test_the_gate_finds_a_span_of_each_service(collector: Collector) -> None:
    assert collector.untraced() == []


def test_the_gate_sees_that_the_collector_is_gone(live: LiveHost, collector: Collector) -> None:
    with stopped(live, collector.name):
        found = collector.untraced()
    assert found == [f"traces.silent {collector.name}"]


def test_without_the_collector_requests_go_on_and_what_is_lost_is_counted(
    live: LiveHost, collector: Collector, client: httpx.Client, wanted: Wanted
) -> None:
    prometheus, lost = Prometheus(live, wanted), 'garrison_spans_lost_total{job="aidb"}'
    with stopped(live, collector.name):
        before = prometheus.value(lost)
        statuses = {ask(client, "/aidb/search", "query", new_trace()).status_code for _ in range(30)}
        prometheus.wait_for(lambda: prometheus.value(lost) > before, wanted=True, seconds=4 * SCRAPE)
    assert statuses == {200}
    trace = new_trace()
    assert ask(client, "/aidb/search", "query", trace).status_code == 200
    assert collector.wait_for(trace, {"aidb"}), "nothing comes again once the collector is back"


@pytest.mark.full
def test_nobody_is_slower_without_the_collector(
    live: LiveHost, collector: Collector, client: httpx.Client
) -> None:
    """Turn by turn, so that whatever else the machine does falls on both; the middle of the rounds' ratios."""
    ratios = []
    for _ in range(ROUNDS):
        there = middle_latency(client)
        with ExitStack() as stack:
            stack.enter_context(stopped(live, collector.name))
            ratios.append(middle_latency(client) / there)
    assert median(ratios) <= SLOWER, f"without / with the collector: {[round(one, 3) for one in ratios]}"


def middle_latency(client: httpx.Client) -> float:
    """Seconds of a request that asks PostgreSQL; each of them is traced."""
    found = []
    for _ in range(EACH):
        began = time.monotonic()
        answer = client.get("/aidb/documents", headers={"traceparent": f"00-{new_trace()}-{CALLER}-01"})
        found.append(time.monotonic() - began)
        assert answer.status_code == 200
    return median(found)
