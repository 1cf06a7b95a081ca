"""What holds for the stand-in itself: it says what it is, its memory is bounded, and it refuses what it can't read."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from jaeger_process import RENDERED, SOURCES, StandIn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import Tracer
from opentelemetry.trace import format_trace_id

Make = Callable[[StandIn, str], Tracer]


def request_of(trace_id: bytes, span_id: bytes = b"12345678", count: int = 1) -> bytes:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for _ in range(count):
        spans.add(trace_id=trace_id, span_id=span_id, name="one")
    return request.SerializeToString()


def metrics(server: StandIn) -> str:
    return httpx.get(server.url("metrics", "/metrics"), trust_env=False).text


def test_it_says_that_it_stands_in(jaeger: StandIn) -> None:
    assert "a stand-in for Jaeger, not Jaeger" in jaeger.ask("/").text


def test_it_reads_the_configuration_that_is_rendered_for_jaeger(jaeger: StandIn) -> None:
    status = httpx.get(jaeger.url("health", "/status"), trust_env=False)
    assert status.json() == {"status": "StatusOK", "healthy": True}


def test_the_oldest_trace_makes_room_for_the_newest(few: StandIn, tracing: Make) -> None:
    tracer, made = tracing(few, "many"), []
    for number in range(5):
        span = tracer.start_span(f"step {number}")
        span.end()
        made.append(format_trace_id(span.get_span_context().trace_id))
    kept = [one for one in made if few.ask(f"/api/traces/{one}").status_code == 200]
    assert kept == made[-3:]
    assert few.ask("/api/services/many/operations").json()["data"] == ["step 2", "step 3", "step 4"]
    assert "jaeger_stand_in_traces 3\n" in metrics(few)


def test_a_service_is_known_also_once_its_traces_have_made_room(few: StandIn, tracing: Make) -> None:
    for service, spans in (("early", 1), ("late", 3)):
        tracer = tracing(few, service)
        for number in range(spans):
            tracer.start_span(f"step {number}").end()
    assert not few.ask("/api/traces?service=early").json()["data"]
    assert few.ask("/api/services").json()["data"] == ["early", "late"]


def test_a_trace_without_an_end_is_cut_and_what_is_lost_is_counted(few: StandIn) -> None:
    for _ in range(3):
        assert few.send(request_of(b"a" * 16, count=900)).status_code == 200
    assert len(few.trace((b"a" * 16).hex())["spans"]) == 2000
    assert 'otelcol_receiver_accepted_spans_total{receiver="otlp",transport="http"} 2000\n' in metrics(few)
    assert 'otelcol_receiver_refused_spans_total{receiver="otlp",transport="http"} 700\n' in metrics(few)


BAD = {
    "no message": (b"nonsense", {}, 400),
    "an id of a trace that is too short": (request_of(b"short"), {}, 400),
    "an id of a trace that is nothing": (request_of(bytes(16)), {}, 400),
    "an id of a span that is too long": (request_of(b"b" * 16, b"b" * 9), {}, 400),
    "JSON": (b"{}", {"Content-Type": "application/json"}, 415),
    "too much": (bytes(5 * 1024 * 1024), {}, 413),
    "no gzip": (b"nonsense", {"Content-Encoding": "gzip"}, 400),
    "much that was little": (gzip.compress(bytes(50 * 1024 * 1024)), {"Content-Encoding": "gzip"}, 413),
}


@pytest.mark.parametrize("case", BAD)
def test_what_it_cannot_read_is_refused_and_nothing_of_it_kept(case: str, few: StandIn) -> None:
    body, headers, status = BAD[case]
    assert few.send(body, **headers).status_code == status
    assert "jaeger_stand_in_traces 0\n" in metrics(few)


def test_every_line_of_its_log_is_json(tmp_path: Path) -> None:
    server = StandIn(tmp_path)
    server.start()
    server.send(b"nonsense")
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert "stand-in" in lines[0]["msg"]
    assert {line["level"] for line in lines} == {"info"}


@pytest.mark.parametrize(
    ("taken_out", "said"),
    [
        ("max_traces: 5000", "extensions.jaeger_storage.backends.memory.memory.max_traces is missing"),
        ('"0.0.0.0:4318"', "'nowhere' is not HOST:PORT"),
    ],
)
def test_a_configuration_that_it_cannot_follow_is_refused(taken_out: str, said: str, tmp_path: Path) -> None:
    text = RENDERED.read_text()
    assert taken_out in text
    (tmp_path / "jaeger.yml").write_text(
        text.replace(taken_out, "nowhere" if taken_out.startswith('"') else "")
    )
    command = [sys.executable, "-m", "jaeger_stand_in", f"--config={tmp_path / 'jaeger.yml'}"]
    done = subprocess.run(command, env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr
