"""Traces on a live host: one request is one trace, its id is in every log, and nobody needs the collector."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from garrison.evidence.traces import Traced, find_untraced
from garrison.plan.step import LIB, sh
from garrison.plan.tracing import traces_question
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import INVENTORY, LiveHost, need_observability, run_tool
from tests.compliance.test_metrics import SCRAPE, Prometheus, stopped

CLIENT = "tracing-test"
CALLER = "00f067aa0ba902b7"
SENT_WITHIN = 30  # a service sends what it has every five seconds
PATIENCE = 180  # a model on two slow cores
ROUNDS, EACH = 5, 60
SLOWER = 1.05
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


@dataclass(frozen=True)
class Span:
    """One span as the collector shows it."""

    service: str
    name: str
    kind: str
    id: str
    parent: str


@dataclass(frozen=True)
class Collector:
    """The collector's query API, asked inside its own container."""

    live: LiveHost
    wanted: Wanted

    @property
    def name(self) -> str:
        assert self.wanted.catalog.collector
        return self.wanted.catalog.collector.name

    def spans(self, trace: str) -> list[Span]:
        """What is there of a trace now."""
        assert self.wanted.catalog.collector
        port = self.wanted.catalog.collector.listen["http"]
        words = f"wget -q -O - http://127.0.0.1:{port}/api/traces/{trace}"
        # wget fails for a trace that isn't there.
        said = self.live.sh(f"{LIB}/as-stack podman exec garrison-{self.name} {words} || true")
        found = (json.loads(said)["data"] or []) if said else []
        return [_read(one, document["processes"]) for document in found for one in document["spans"]]

    def wait_for(self, trace: str, services: set[str]) -> list[Span]:
        """The spans of a trace, once there are some of all these services and the request's own, which comes last."""
        end = time.monotonic() + SENT_WITHIN
        while True:
            found = self.spans(trace)
            has_own = any(one.kind == "server" and one.parent in ("", CALLER) for one in found)
            if has_own and services <= {one.service for one in found}:
                return found
            assert time.monotonic() < end, f"trace {trace}: {found}"
            time.sleep(1)

    def untraced(self) -> list[str]:
        """What the gate of phase 3.3 finds."""
        question = json.loads(traces_question(self.wanted) or "{}") | {"deadline": SENT_WITHIN}
        answer = self.live.ask(sh(f"{LIB}/look-traces", json.dumps(question)))
        found = find_untraced(Traced.model_validate_json(answer), self.wanted)
        return [f"{one.id} {one.where}" for one in found]


def _read(span: dict[str, Any], processes: dict[str, Any]) -> Span:
    tags = {tag["key"]: tag["value"] for tag in span["tags"]}
    return Span(
        service=processes[span["processID"]]["serviceName"],
        name=span["operationName"],
        kind=tags.get("span.kind", ""),
        id=span["spanID"],
        parent=span["references"][0]["spanID"] if span["references"] else "",
    )


@pytest.fixture(scope="module")
def collector(live: LiveHost, wanted: Wanted) -> Collector:
    need_observability(live)
    return Collector(live, wanted)


@pytest.fixture(scope="module")
def client(live: LiveHost, door: Door) -> Iterator[httpx.Client]:
    """A client of the door with a key that every service has read."""
    key = live.sh(f"{LIB}/keys add {CLIENT} --scopes read")
    try:
        with door.client() as found:
            found.headers["X-API-Key"] = key
            found.timeout = httpx.Timeout(PATIENCE)
            end = time.monotonic() + 20
            while found.get("/hybrid/collections").status_code == 401 and time.monotonic() < end:
                time.sleep(0.5)
            yield found
    finally:
        live.quietly(f"{LIB}/keys revoke {CLIENT}")


def new_trace() -> str:
    return secrets.token_hex(16)


def ask(client: httpx.Client, path: str, word: str, trace: str, flags: str = "01") -> httpx.Response:
    """A question that was never asked before: the vector of one that was is kept."""
    question = {word: f"Who may leave the host, asks {secrets.token_hex(8)}?"}
    return client.post(path, json=question, headers={"traceparent": f"00-{trace}-{CALLER}-{flags}"})


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
    assert "POST embeddings" in {one.name for one in spans if one.kind == "client"}


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
