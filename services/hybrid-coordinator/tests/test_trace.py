"""One request is one trace: coordinator and embeddings with their spans, and a span of each call to all the others."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hybrid_stack import Hybrid, Launch, Stack
from hybrid_testbed import READER, SERVICES, wait_for

sys.path.insert(0, str(SERVICES / "jaeger/tests/support"))

from jaeger_process import StandIn

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
Spans = list[dict[str, Any]]


@pytest.fixture(scope="module")
def jaeger(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A collector that embeddings sends to as well."""
    made = StandIn(tmp_path_factory.mktemp("jaeger"))
    made.start()
    embeddings = stack.processes["embeddings"]
    embeddings.stop()
    embeddings.environment = {**(embeddings.environment or {}), **sending_to(made)}
    embeddings.start()
    url = f"http://127.0.0.1:{stack.ports['embeddings']}/health/ready"
    wait_for("embeddings is ready", lambda: httpx.get(url).status_code == 200)
    yield made
    made.stop()


def sending_to(jaeger: StandIn) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": jaeger.url("otlp"), **QUICK}


@pytest.fixture(scope="module")
def traced(launch: Launch, jaeger: StandIn) -> Hybrid:
    running = launch(sending_to(jaeger))
    running.wait_until_ready()
    return running


def ask(hybrid: Hybrid, trace: str, flags: str = "01") -> httpx.Response:
    headers = {"X-API-Key": READER, "traceparent": f"00-{trace}-{CALLER}-{flags}"}
    # Each is a question of its own: the vector of one that was asked before is kept.
    return hybrid.http.post("/query", json={"prompt": f"How do I flush cache {trace}?"}, headers=headers)


def spans_of(jaeger: StandIn, trace: str, *others: str, seconds: float = 20) -> Spans:
    """Those of a trace, each with its service and parent, once the coordinator's own has come, which is its last.

    Of ``others`` there is one each by then: they send theirs when they come to it.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = jaeger.ask(f"/api/traces/{trace}").json()["data"] or [{"spans": [], "processes": {}}]
        spans: Spans = [
            {
                "service": found[0]["processes"][one["processID"]]["serviceName"],
                "name": one["operationName"],
                "kind": next(tag["value"] for tag in one["tags"] if tag["key"] == "span.kind"),
                "id": one["spanID"],
                "parent": one["references"][0]["spanID"] if one["references"] else "",
            }
            for one in found[0]["spans"]
        ]
        has_own = any(one["parent"] == CALLER for one in spans)
        if has_own and {one["service"] for one in spans} >= {*others}:
            return spans
        time.sleep(0.1)
    return []


def test_one_question_is_one_trace_over_all_that_it_touches(traced: Hybrid, jaeger: StandIn) -> None:
    assert ask(traced, TRACE).status_code == 200
    spans = spans_of(jaeger, TRACE, "embeddings")
    (own,) = (one for one in spans if one["parent"] == CALLER)
    assert (own["service"], own["name"], own["kind"]) == ("hybrid-coordinator", "POST /query", "server")
    calls = {one["name"] for one in spans if one["kind"] == "client"}
    assert calls >= {"POST embeddings", "qdrant", "redis", "POST llama-cpp"}
    assert {one["service"] for one in spans if one["kind"] == "client"} == {"hybrid-coordinator"}
    ids = {one["id"]: one for one in spans}
    (answered,) = (one for one in spans if one["service"] == "embeddings")
    assert (answered["kind"], ids[answered["parent"]]["name"]) == ("server", "POST embeddings")
    assert all(one["parent"] in ids for one in spans if one is not own), "a span hangs in the air"


def test_every_line_of_the_log_has_the_same_trace(traced: Hybrid, stack: Stack, jaeger: StandIn) -> None:
    trace = "ab" * 16
    answer = ask(traced, trace)
    spans_of(jaeger, trace, "embeddings")
    files = (traced.process.log, stack.processes["embeddings"].log)
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    mine = [line for line in lines if line.get("request_id") == answer.headers["X-Request-ID"]]
    assert {line["service"] for line in mine} == {"hybrid-coordinator", "embeddings"}
    assert {line["trace_id"] for line in mine} == {trace}


def test_what_a_client_says_is_no_trace_becomes_one_of_our_own(traced: Hybrid) -> None:
    answer = traced.http.post(
        "/search",
        json={"query": "x"},
        headers={"X-API-Key": READER, "traceparent": f"00-{TRACE.upper()}-{CALLER}-01"},
    )
    assert answer.status_code == 200
    request = answer.headers["X-Request-ID"]

    def traces() -> set[str]:
        lines = [json.loads(line) for line in traced.process.log.read_text().splitlines()]
        return {line["trace_id"] for line in lines if line.get("request_id") == request}

    wait_for("the request is in the log", lambda: bool(traces()))
    assert not traces() & {TRACE, TRACE.upper(), None}


def test_a_trace_that_is_not_wanted_is_kept_where_it_failed(
    traced: Hybrid, stack: Stack, jaeger: StandIn
) -> None:
    """embeddings is gone: the coordinator's part is kept, with the call that failed in it."""
    fine, failed = "cd" * 16, "ef" * 16
    assert ask(traced, fine, "00").status_code == 200
    embeddings = stack.processes["embeddings"]
    embeddings.stop()
    try:
        assert ask(traced, failed, "00").status_code == 503
        spans = spans_of(jaeger, failed)
    finally:
        embeddings.start()
    assert {one["service"] for one in spans} == {"hybrid-coordinator"}
    assert "POST embeddings" in {one["name"] for one in spans if one["kind"] == "client"}
    assert jaeger.ask(f"/api/traces/{fine}").status_code == 404


def test_without_its_collector_it_answers_as_before_and_counts_what_is_lost(
    traced: Hybrid, stack: Stack, jaeger: StandIn
) -> None:
    url = f"http://127.0.0.1:{stack.ports['embeddings']}/health/ready"
    wait_for("embeddings is ready", lambda: httpx.get(url).status_code == 200)
    jaeger.stop()
    assert {ask(traced, f"{number:032x}").status_code for number in range(1, 11)} == {200}

    def lost() -> float:
        lines = traced.http.get("/metrics").text.splitlines()
        (line,) = (line for line in lines if line.startswith("garrison_spans_lost_total "))
        return float(line.split()[1])

    wait_for("spans are lost and counted", lambda: lost() > 0)
