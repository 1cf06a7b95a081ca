"""Spans as they come in: read with the protocol's own messages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

Value = str | bool | int | float
_KINDS = {
    OtlpSpan.SPAN_KIND_INTERNAL: "internal",
    OtlpSpan.SPAN_KIND_SERVER: "server",
    OtlpSpan.SPAN_KIND_CLIENT: "client",
    OtlpSpan.SPAN_KIND_PRODUCER: "producer",
    OtlpSpan.SPAN_KIND_CONSUMER: "consumer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One span; ids are in hex, times in nanoseconds, ``parent_id`` is empty without a parent."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    service: str
    resource: Mapping[str, Value]
    attributes: Mapping[str, Value]
    started: int
    ended: int
    is_error: bool


def read_spans(body: bytes) -> list[Span]:
    """The spans of an ExportTraceServiceRequest. Raises ValueError for what is none, and for ids that are none."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise ValueError("this is no ExportTraceServiceRequest") from error
    return list(_spans(request))


def _spans(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for group in request.resource_spans:
        about = _values(group.resource.attributes)
        service = str(about.pop("service.name", "unknown_service"))
        for scope in group.scope_spans:
            for span in scope.spans:
                yield _span(span, service, about)


def _span(span: OtlpSpan, service: str, about: Mapping[str, Value]) -> Span:
    if len(span.trace_id) != 16 or len(span.span_id) != 8 or not any(span.trace_id) or not any(span.span_id):
        raise ValueError("a span has an id that is none")
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        name=span.name,
        kind=_KINDS.get(span.kind, ""),
        service=service,
        resource=about,
        attributes=_values(span.attributes),
        started=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        is_error=span.status.code == Status.STATUS_CODE_ERROR,
    )


def _values(attributes: Iterable[KeyValue]) -> dict[str, Value]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: AnyValue) -> Value:
    match value.WhichOneof("value"):
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case "string_value":
            return value.string_value
        case _:
            return str(value).strip()
