"""What is asked of Jaeger's query API about spans that came by OTLP over HTTP."""

import uuid
from collections.abc import Callable

import pytest
from jaeger_process import StandIn
from opentelemetry.sdk.trace import Tracer
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_span_id, format_trace_id

Make = Callable[[StandIn, str], Tracer]


def trace_of(span: Span) -> str:
    return format_trace_id(span.get_span_context().trace_id)


def id_of(span: Span) -> str:
    return format_span_id(span.get_span_context().span_id)


def test_a_trace_over_two_services_is_one(jaeger: StandIn, tracing: Make) -> None:
    front, back = tracing(jaeger, "front"), tracing(jaeger, "back")
    with (
        front.start_as_current_span("GET /a", kind=SpanKind.SERVER) as server,
        front.start_as_current_span("GET back", kind=SpanKind.CLIENT) as call,
        back.start_as_current_span("GET /b", kind=SpanKind.SERVER) as answered,
    ):
        answered.set_attribute("http.response.status_code", 200)
    found = jaeger.trace(trace_of(server))
    spans = {one["spanID"]: one for one in found["spans"]}
    parents = {key: [ref["spanID"] for ref in one["references"]] for key, one in spans.items()}
    assert parents == {id_of(server): [], id_of(call): [id_of(server)], id_of(answered): [id_of(call)]}
    processes = {key: found["processes"][one["processID"]]["serviceName"] for key, one in spans.items()}
    assert processes == {id_of(server): "front", id_of(call): "front", id_of(answered): "back"}
    tags = {one["key"]: (one["type"], one["value"]) for one in spans[id_of(answered)]["tags"]}
    assert tags == {"http.response.status_code": ("int64", 200), "span.kind": ("string", "server")}


def test_times_are_in_microseconds_and_an_error_is_a_tag(jaeger: StandIn, tracing: Make) -> None:
    began = 1_700_000_000_000_000_000
    span = tracing(jaeger, "late").start_span("work", start_time=began)
    span.set_status(Status(StatusCode.ERROR))
    span.end(end_time=began + 2_500_000)
    (shown,) = jaeger.trace(trace_of(span))["spans"]
    assert (shown["startTime"], shown["duration"]) == (began // 1000, 2500)
    assert {"key": "error", "type": "bool", "value": True} in shown["tags"]


def test_services_and_their_operations_are_listed(jaeger: StandIn, tracing: Make) -> None:
    tracer = tracing(jaeger, "listed")
    for name in ("two", "one", "two"):
        tracer.start_span(name).end()
    assert "listed" in jaeger.ask("/api/services").json()["data"]
    assert jaeger.ask("/api/services/listed/operations").json()["data"] == ["one", "two"]


@pytest.fixture
def searched(jaeger: StandIn, tracing: Make) -> tuple[str, list[str]]:
    """A service with three traces; the second is slow and failed."""
    service = f"searched-{uuid.uuid4().hex[:8]}"
    tracer, made = tracing(jaeger, service), []
    for number in range(3):
        span = tracer.start_span(f"step {number}", start_time=1_000_000_000 * (number + 1))
        if number == 1:
            span.set_attribute("http.response.status_code", 503)
            span.set_status(Status(StatusCode.ERROR))
        span.end(end_time=1_000_000_000 * (number + 1) + (50_000_000 if number == 1 else 1_000_000))
        made.append(trace_of(span))
    return service, made


SEARCHES = {
    "everything, the newest first": ({}, [2, 1, 0]),
    "so many": ({"limit": "2"}, [2, 1]),
    "of a name": ({"operation": "step 0"}, [0]),
    "with a tag": ({"tags": '{"http.response.status_code": "503"}'}, [1]),
    "failed": ({"tags": '{"error": "true"}'}, [1]),
    "slow": ({"minDuration": "20ms"}, [1]),
    "quick": ({"maxDuration": "1.5ms"}, [2, 0]),
    "begun since": ({"start": "2000000"}, [2, 1]),
    "begun before": ({"end": "2000000"}, [1, 0]),
    "of nobody": ({"operation": "step 9"}, []),
}


@pytest.mark.parametrize("search", SEARCHES)
def test_traces_are_found_by(search: str, jaeger: StandIn, searched: tuple[str, list[str]]) -> None:
    said, wanted = SEARCHES[search]
    service, made = searched
    answer = jaeger.ask("/api/traces", service=service, **said).json()
    assert [one["traceID"] for one in answer["data"]] == [made[number] for number in wanted]


REFUSED = {
    "no service": ("/api/traces", {}, 400, "parameter 'service' is required"),
    "a limit that is none": ("/api/traces", {"service": "a", "limit": "many"}, 400, "whole number"),
    "tags that are none": ("/api/traces", {"service": "a", "tags": "error"}, 400, "object of strings"),
    "a duration that is none": ("/api/traces", {"service": "a", "minDuration": "20"}, 400, "such as 20ms"),
    "an id that is none": ("/api/traces/nonsense", {}, 400, "cannot parse"),
    "a trace that isn't kept": ("/api/traces/4bf92f3577b34da6a3ce929d0e0e4736", {}, 404, "trace not found"),
    "what only Jaeger answers": ("/api/dependencies", {}, 501, "stand-in"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_answer_says_why(case: str, jaeger: StandIn) -> None:
    path, said, status, words = REFUSED[case]
    answer = jaeger.ask(path, **said)
    assert (answer.status_code, answer.json()["data"]) == (status, None)
    assert words in answer.json()["errors"][0]["msg"]
