"""Traces in the form of Jaeger's own API: what its user interface and Grafana read."""

from collections.abc import Mapping, Sequence
from typing import Any

from jaeger_stand_in.spans import Span, Value

Document = dict[str, Any]
_TYPES: Mapping[type, str] = {bool: "bool", int: "int64", float: "float64", str: "string"}


def answer(data: Sequence[Any]) -> Document:
    """What each question is answered with."""
    return {"data": list(data), "total": len(data), "limit": 0, "offset": 0, "errors": None}


def refusal(status: int, message: str) -> Document:
    """The same where there is no answer."""
    errors = [{"code": status, "msg": message}]
    return {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": errors}


def show_trace(spans: Sequence[Span]) -> Document:
    """One trace; ``spans`` are not empty."""
    processes: dict[str, Document] = {}
    names: dict[tuple[str, str], str] = {}
    for span in spans:
        key = (span.service, repr(sorted(span.resource.items())))
        if key not in names:
            names[key] = f"p{len(names) + 1}"
            processes[names[key]] = {"serviceName": span.service, "tags": _tags(span.resource)}
    return {
        "traceID": spans[0].trace_id,
        "spans": [
            _span(one, names[one.service, repr(sorted(one.resource.items()))]) for one in by_start(spans)
        ],
        "processes": processes,
        "warnings": None,
    }


def by_start(spans: Sequence[Span]) -> list[Span]:
    """In the order in which they began."""
    return sorted(spans, key=lambda span: span.started)


def _span(span: Span, process: str) -> Document:
    own: dict[str, Value] = {"span.kind": span.kind} if span.kind else {}
    failed: dict[str, Value] = {"otel.status_code": "ERROR", "error": True} if span.is_error else {}
    parent = {"refType": "CHILD_OF", "traceID": span.trace_id, "spanID": span.parent_id}
    return {
        "traceID": span.trace_id,
        "spanID": span.span_id,
        "operationName": span.name,
        "references": [parent] if span.parent_id else [],
        "startTime": span.started // 1000,
        "duration": (span.ended - span.started) // 1000,
        "tags": _tags({**span.attributes, **own, **failed}),
        "logs": [],
        "processID": process,
        "warnings": None,
    }


def _tags(values: Mapping[str, Value]) -> list[Document]:
    return [{"key": key, "type": _TYPES[type(value)], "value": value} for key, value in values.items()]
