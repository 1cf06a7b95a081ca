"""What a request asks of PostgreSQL, Redis and embeddings is in its trace, and nothing of what was asked."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import SERVICES

sys.path.insert(0, str(SERVICES / "jaeger/tests/support"))

from jaeger_process import StandIn

CALLER = "00f067aa0ba902b7"
# No other test's word: Redis keeps the vector of what was asked, and then nobody asks embeddings.
WORD = "kingfisher"
REQUESTS = {
    "a document": (
        "a1" * 16,
        "POST",
        "/documents",
        {"project": "p", "path": "a", "title": "Birds", "content": f"A {WORD} stands in the water."},
        {"postgres", "POST embeddings"},
    ),
    "a search": ("b2" * 16, "POST", "/search", {"query": WORD}, {"postgres", "redis", "POST embeddings"}),
    "a list": ("c3" * 16, "GET", "/documents", None, {"postgres"}),
}


@pytest.fixture(scope="module")
def jaeger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    made = StandIn(tmp_path_factory.mktemp("jaeger"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def traced(stack: Stack, launch: Launch, jaeger: StandIn) -> Aidb:
    stack.postgres.make_database("followed")
    sending = {"OTEL_EXPORTER_OTLP_ENDPOINT": jaeger.url("otlp"), "OTEL_BSP_SCHEDULE_DELAY": "100"}
    running = launch("followed", raw=sending)
    running.wait_until_ready()
    return running


def trace_of(jaeger: StandIn, trace: str) -> dict[str, Any]:
    """It, once the request's own span has come, which is the last."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for found in jaeger.ask(f"/api/traces/{trace}").json()["data"] or ():
            parents = {one["spanID"] for span in found["spans"] for one in span["references"]}
            if CALLER in parents:
                document: dict[str, Any] = found
                return document
        time.sleep(0.1)
    pytest.fail(f"trace {trace} never came")


@pytest.mark.parametrize("request_", REQUESTS)
def test_all_that_a_request_asks_is_in_its_trace(traced: Aidb, jaeger: StandIn, request_: str) -> None:
    trace, method, path, body, calls = REQUESTS[request_]
    headers = {"traceparent": f"00-{trace}-{CALLER}-01"}
    assert traced.http.request(method, path, json=body, headers=headers).status_code < 300
    found = trace_of(jaeger, trace)
    named = {one["operationName"]: one for one in found["spans"]}
    assert set(named) == {f"{method} {path}", *calls}
    own = named[f"{method} {path}"]["spanID"]
    assert {one["references"][0]["spanID"] for name, one in named.items() if name in calls} == {own}
    assert WORD not in json.dumps(found)
