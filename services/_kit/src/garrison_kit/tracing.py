"""One trace follows a request through the services: W3C context in and out, spans where a collector is set."""

import os
import random
from collections.abc import Callable, Mapping
from contextvars import Token
from types import TracebackType

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from garrison_kit import clients, request_id

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_LONGEST_HEADER = 512
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_propagator = TraceContextTextMapPropagator()
_tracer: Tracer | None = None

Value = str | bool | int | float


def configure(service: str, version: str, environ: Mapping[str, str] | None = None) -> None:
    """Export spans to the collector that ``OTEL_EXPORTER_OTLP_ENDPOINT`` names; without it, ids are made and no more.

    A second call changes nothing. Call it before the first request.
    """
    global _tracer
    variables = os.environ if environ is None else environ
    if _tracer is None and variables.get(ENDPOINT):
        # Imported only where needed: the SDK and its exporter take longer to load than the rest of the kit.
        from garrison_kit import tracing_export

        _tracer = tracing_export.open_tracer(service, version, variables)


def current_trace_id() -> str | None:
    """The trace that the caller is part of, as 32 hex digits; None outside of one."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else None


def outbound_headers() -> dict[str, str]:
    """The headers that carry the trace to another service; empty outside of one."""
    headers: dict[str, str] = {}
    _propagator.inject(headers)
    return headers


class ActiveSpan:
    """A span, current from entering to leaving; an error marks it by its class and never by its message."""

    __slots__ = ("_attributes", "_kind", "_name", "_parent", "_token", "span")

    def __init__(
        self,
        name: str,
        kind: SpanKind,
        attributes: Mapping[str, Value],
        parent: otel_context.Context | None = None,
    ) -> None:
        self._name, self._kind, self._attributes, self._parent = name, kind, attributes, parent
        self._token: Token[otel_context.Context] | None = None
        self.span: Span = trace.INVALID_SPAN

    def __enter__(self) -> "ActiveSpan":
        outer = trace.get_current_span(self._parent)
        if _tracer is not None:
            self.span = _tracer.start_span(
                self._name,
                context=self._parent,
                kind=self._kind,
                attributes=self._attributes,
                record_exception=False,
                set_status_on_exception=False,
            )
        elif self._parent is None and outer.get_span_context().is_valid:
            self.span = outer  # nothing is recorded: the ids that there are will do
            return self
        else:
            self.span = _unrecorded(outer.get_span_context())
        self._token = otel_context.attach(trace.set_span_in_context(self.span, self._parent))
        return self

    def set(self, name: str, value: Value) -> None:
        """Note something on the span."""
        self.span.set_attribute(name, value)

    def fail(self, kind: str) -> None:
        """Mark the span as failed; ``kind`` is a class of errors, not a message."""
        self.span.set_attribute("error.type", kind)
        self.span.set_status(Status(StatusCode.ERROR))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is None:
            return
        if kind is not None:
            self.fail(kind.__name__)
        self.span.end()
        otel_context.detach(self._token)


class ServerSpan(ActiveSpan):
    """The span of a request; the adapter tells what it learns: ``route`` (the template) and ``status``."""

    __slots__ = ("_method", "route", "status")

    def __init__(self, method: str, route: str | None, parent: otel_context.Context) -> None:
        self._method = method if method in _METHODS else "HTTP"
        self.route, self.status = route, 0
        super().__init__(self._method, SpanKind.SERVER, {"http.request.method": self._method}, parent)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.span.is_recording():
            if self.route:
                self.span.update_name(f"{self._method} {self.route}")
            self.span.set_attributes(self._learned())
            if self.status >= 500:
                self.fail(str(self.status))
        super().__exit__(kind, error, traceback)

    def _learned(self) -> dict[str, Value]:
        client = clients.current()
        return {
            "http.route": self.route or "",
            "http.response.status_code": self.status,
            "garrison.request_id": request_id.current() or "",
            "garrison.client": client.name if client else "",
        }


def server_span(
    method: str,
    route: str | None,
    headers: Mapping[str, str] | Callable[[str], str | None],
    *,
    is_probe: bool = False,
) -> ServerSpan:
    """The span of a request that has just come in, part of the caller's trace where ``headers`` name a valid one.

    ``headers`` is a mapping or its ``get``; names are asked for in lower case. A probe, and what it asks in turn,
    is not recorded: probes come every few seconds.
    """
    header = headers if callable(headers) else headers.get
    carrier = {}
    for name in ("traceparent", "tracestate"):
        value = header(name)
        if value and len(value) <= _LONGEST_HEADER:
            carrier[name] = value
    parent = otel_context.Context()
    if "traceparent" in carrier:
        parent = _propagator.extract(carrier, parent)
    if is_probe:
        parent = trace.set_span_in_context(_unrecorded(trace.INVALID_SPAN_CONTEXT), parent)
    return ServerSpan(method, route, parent)


def client_span(dependency: str, name: str, **attributes: Value) -> ActiveSpan:
    """The span of one call to ``dependency``."""
    return ActiveSpan(name, SpanKind.CLIENT, {"peer.service": dependency, **attributes})


def span(name: str, **attributes: Value) -> ActiveSpan:
    """``with tracing.span("rank", candidates=40):`` a span of one's own, inside the current one."""
    return ActiveSpan(name, SpanKind.INTERNAL, attributes)


def _unrecorded(outer: SpanContext) -> NonRecordingSpan:
    return NonRecordingSpan(
        SpanContext(
            trace_id=outer.trace_id if outer.is_valid else random.getrandbits(128) or 1,
            span_id=random.getrandbits(64) or 1,
            is_remote=False,
            trace_flags=outer.trace_flags,
            trace_state=outer.trace_state,
        )
    )
