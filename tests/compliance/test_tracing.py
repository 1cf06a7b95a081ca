"""Traces on a live host: one request is one trace, its id is in every log, and who decides whether it is kept."""

import json
import secrets
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.live import INVENTORY, LiveHost, run_tool
from tests.compliance.test_metrics import SCRAPE, Prometheus, stopped
from tests.compliance.traces import CALLER, Collector, ask, client, collector, new_trace

__all__ = ["client", "collector"]  # fixtures
# What a request of each kind touches, as spans of calls; and the services of ours that have one of their own.
QUESTIONS = {
    "a question to hybrid-coordinator": (
        "/hybrid/query",
        "prompt",
        {"hybrid-coordinator", "embeddings"},
        {"POST embeddings", "qdrant", "redis", "POST llama-cpp"},
    ),
    "a search in aidb": (
        "/aidb/search",
        "query",
        {"aidb", "embeddings"},
        {"POST embeddings", "postgres", "redis"},
    ),
}


def logged(live: LiveHost, request: str, services: set[str]) -> list[dict[str, Any]]:
    """The lines of a request, once each of these services has written one."""
    end = time.monotonic() + 20
    while True:
        words = ("--inventory", INVENTORY, "--limit", live.name, "--since", "10m", "--request", request)
        said = run_tool("garrison", "logs", *words, "--json")
        lines = [json.loads(line) for line in said.stdout.splitlines()]
        if services <= {line["service"] for line in lines}:
            return lines
        assert time.monotonic() < end, f"{said.stderr}\n{lines}"


@pytest.mark.parametrize("case", QUESTIONS)
def test_one_request_through_the_door_is_one_trace_with_the_same_id_in_the_logs(
    live: LiveHost, collector: Collector, client: httpx.Client, case: str
) -> None:
    path, word, services, calls = QUESTIONS[case]
    trace = new_trace()
    answer = ask(client, path, word, trace)
    assert answer.status_code == 200, answer.text
    spans = collector.wait_for(trace, services)
    assert {one.service for one in spans} == services
    assert {one.name for one in spans if one.kind == "client"} >= calls
    ids = {one.id for one in spans}
    (own,) = (one for one in spans if one.parent == CALLER)
    assert own.kind == "server"
    assert [one for one in spans if one.parent not in ids and one is not own] == []
    lines = logged(live, answer.headers["X-Request-ID"], services)
    assert {line["trace_id"] for line in lines if line["service"] in services} == {trace}


@pytest.mark.parametrize(
    "said", ["nonsense", f"00-{'0' * 32}-{CALLER}-01", f"00-{'AB' * 16}-{CALLER}-01", "x" * 1000]
)
def test_a_trace_that_is_none_is_replaced_by_one_of_our_own(
    live: LiveHost, collector: Collector, client: httpx.Client, said: str
) -> None:
    answer = client.post(
        "/hybrid/search", json={"query": "who may leave the host"}, headers={"traceparent": said}
    )
    assert answer.status_code == 200, answer.text
    lines = logged(live, answer.headers["X-Request-ID"], {"hybrid-coordinator"})
    (trace,) = {line["trace_id"] for line in lines if line["service"] == "hybrid-coordinator"}
    assert trace.lower() not in said.lower()
    if live.settings.trace_ratio == 1:
        assert collector.wait_for(trace, {"hybrid-coordinator"})


def test_a_client_that_wants_no_trace_has_none(collector: Collector, client: httpx.Client) -> None:
    unwanted, wanted = new_trace(), new_trace()
    assert ask(client, "/aidb/search", "query", unwanted, "00").status_code == 200
    assert ask(client, "/aidb/search", "query", wanted).status_code == 200
    # Spans go in the order in which they ended, so those of the first would be there by now.
    collector.wait_for(wanted, {"aidb", "embeddings"})
    assert collector.spans(unwanted) == []


def test_an_error_is_kept_though_its_client_wants_no_trace(
    live: LiveHost, collector: Collector, client: httpx.Client
) -> None:
    trace = new_trace()
    with stopped(live, "embeddings"):
        question = {"query": secrets.token_hex(8), "mode": "vector"}
        headers = {"traceparent": f"00-{trace}-{CALLER}-00"}
        assert client.post("/aidb/search", json=question, headers=headers).status_code in (503, 504)
        spans = collector.wait_for(trace, {"aidb"})
    # What fails first is the question which vectors it makes, where aidb hasn't asked that lately.
    assert {one.name for one in spans if one.kind == "client"} & {"GET embeddings", "POST embeddings"}


def test_the_latency_names_the_trace_as_an_example(
    live: LiveHost, collector: Collector, client: httpx.Client, wanted: Wanted
) -> None:
    prometheus, trace = Prometheus(live, wanted), new_trace()
    assert ask(client, "/hybrid/search", "query", trace).status_code == 200
    collector.wait_for(trace, {"hybrid-coordinator"})

    def examples() -> set[str]:
        query = quote('http_request_duration_seconds_bucket{job="hybrid-coordinator"}')
        now = int(live.sh("date +%s"))
        found = prometheus.get(f"/api/v1/query_exemplars?query={query}&start={now - 300}&end={now + 60}")
        return {one["labels"]["trace_id"] for each in found for one in each["exemplars"]}

    prometheus.wait_for(lambda: trace in examples(), wanted=True, seconds=3 * SCRAPE)
