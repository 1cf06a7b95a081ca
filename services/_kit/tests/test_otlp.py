"""What we write is what the protocol's own messages read: the same as OpenTelemetry's encoder would have said."""

import time

import pytest
from garrison_kit.finished import Finished, Value
from garrison_kit.otlp import Envelope
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

ABOUT: dict[str, Value] = {"service.name": "demo", "service.version": "1.0"}
SAMPLED = TraceFlags(TraceFlags.SAMPLED)
TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736


def context(span_id: int, *, is_remote: bool = False, state: TraceState | None = None) -> SpanContext:
    return SpanContext(TRACE, span_id, is_remote, SAMPLED, state)


def make(
    name: str = "GET /jobs/{number}",
    kind: SpanKind = SpanKind.SERVER,
    context: SpanContext = context(2**64 - 1),  # noqa: B008 - it never changes
    parent: SpanContext | None = None,
    *,
    is_failed: bool = False,
    **attributes: Value,
) -> Finished:
    now = time.time_ns()
    return Finished(
        name=name, kind=kind, context=context, parent=parent, attributes=attributes, is_failed=is_failed,
        started=now - 1000, ended=now,
    )  # fmt: skip


def as_theirs(span: Finished) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=Resource(dict(ABOUT)),
        attributes=span.attributes,
        kind=span.kind,
        status=Status(StatusCode.ERROR if span.is_failed else StatusCode.UNSET),
        start_time=span.started,
        end_time=span.ended,
        instrumentation_scope=InstrumentationScope("garrison_kit", "1.0"),
    )


SPANS = {
    "without a parent": make(),
    "with one here": make(parent=context(7)),
    "with one elsewhere": make(parent=context(7, is_remote=True)),
    "with the state of a trace": make(context=context(1, state=TraceState([("a", "1"), ("b", "2")]))),
    "failed": make(is_failed=True, **{"error.type": "500"}),
    "of a call": make(kind=SpanKind.CLIENT),
    "of one's own": make(kind=SpanKind.INTERNAL),
    "with a long name": make(name="x" * 300),
    "in other letters": make(name="Köln 日本", city="Köln 日本"),
    "with values of every kind": make(yes=True, no=False, one=1, whole=1.0, half=0.5, text="1"),
    "with large numbers": make(zero=0, large=2**40, largest=2**63 - 1, negative=-1, least=-(2**63)),
    "with long text": make(text="y" * 20_000, empty=""),
    "with text of every length about where one byte says it no more": make(
        **{f"a{size}": "z" * size for size in range(25, 140)}, **{"k" * 120: "v" * 32}
    ),
}


@pytest.mark.parametrize("name", SPANS)
def test_a_span_reads_as_one_of_opentelemetrys_own(name: str) -> None:
    ours = ExportTraceServiceRequest.FromString(Envelope(ABOUT, "garrison_kit", "1.0").hold([SPANS[name]]))
    assert ours == encode_spans([as_theirs(SPANS[name])])


def test_many_travel_together() -> None:
    every = [*SPANS.values()] * 40
    ours = ExportTraceServiceRequest.FromString(Envelope(ABOUT, "garrison_kit", "1.0").hold(every))
    assert ours == encode_spans([as_theirs(span) for span in every])


def test_text_that_is_no_unicode_is_replaced_and_costs_no_other_span() -> None:
    broken, good = make(name="\udce4", client="\udce4"), make()
    ours = ExportTraceServiceRequest.FromString(Envelope(ABOUT, "garrison_kit", "1.0").hold([broken, good]))
    (scoped,) = ours.resource_spans[0].scope_spans
    assert [one.name for one in scoped.spans] == ["?", good.name]


def test_values_that_are_equal_and_not_the_same_stay_apart() -> None:
    envelope = Envelope(ABOUT, "garrison_kit", "1.0")
    values: list[Value] = [1, True, 1.0, 0, False, 0.0]
    read = [ExportTraceServiceRequest.FromString(envelope.hold([make(value=value)])) for value in values]
    kinds = [
        one.resource_spans[0].scope_spans[0].spans[0].attributes[0].value.WhichOneof("value") for one in read
    ]
    assert kinds == ["int_value", "bool_value", "double_value"] * 2
