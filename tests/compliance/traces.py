"""Traces of a live host: how a test makes one by a request of its own, and what the collector has of it."""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from garrison.evidence.traces import Traced, find_untraced
from garrison.plan.step import LIB, sh
from garrison.plan.tracing import traces_question
from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import LiveHost, need_observability

CLIENT = "tracing-test"
CALLER = "00f067aa0ba902b7"
SENT_WITHIN = 30  # a service sends what it has every five seconds
PATIENCE = 180  # a model on two slow cores


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
    with live.key_of(CLIENT) as key, door.client() as found:
        found.headers["X-API-Key"] = key
        found.timeout = httpx.Timeout(PATIENCE)
        end = time.monotonic() + 20
        while found.get("/hybrid/collections").status_code == 401 and time.monotonic() < end:
            time.sleep(0.5)
        yield found


def new_trace() -> str:
    return secrets.token_hex(16)


def ask(client: httpx.Client, path: str, word: str, trace: str, flags: str = "01") -> httpx.Response:
    """A question that was never asked before: the vector of one that was is kept."""
    question = {word: f"Who may leave the host, asks {secrets.token_hex(8)}?"}
    return client.post(path, json=question, headers={"traceparent": f"00-{trace}-{CALLER}-{flags}"})
