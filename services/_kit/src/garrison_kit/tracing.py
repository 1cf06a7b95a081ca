"""One trace follows a request through the services: W3C context in and out, spans where a collector is set."""

import os
import random
import time
from collections.abc import Callable, Mapping
from contextvars import Token
from types import TracebackType
from typing import Self

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from garrison_kit.finished import Exporting, Finished, Held, Value

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_LONGEST_HEADER, _LONGEST_VALUE = 512, 256
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_propagator = TraceContextTextMapPropagator()
_NOWHERE = otel_context.Context()
_SAMPLED, _NOT_SAMPLED = TraceFlags(TraceFlags.SAMPLED), TraceFlags(TraceFlags.DEFAULT)

_export: Exporting | None = None


def configure(service: str, version: str, environ: Mapping[str, str] | None = None) -> None:
    """Export spans to the collector that ``OTEL_EXPORTER_OTLP_ENDPOINT`` names; without it, ids are made and no more.

    A second call changes nothing. Call it before the first request.
    """
    global _export
    variables = os.environ if environ is None else environ
    if _export is None and variables.get(ENDPOINT):
        # Imported only where needed: the SDK and its exporter take longer to load than the rest of the kit.
        from garrison_kit import tracing_export

        _export = tracing_export.Export(service, version, variables)


def lost_spans() -> int:
    """How many spans of this process never reached the collector."""
    return 0 if _export is None else _export.lost


def current_trace_id() -> str | None:
    """The trace that the caller is part of, as 32 hex digits; None outside of one."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else None


def outbound_headers() -> dict[str, str]:
    """The headers that carry the trace to another service; empty outside of one."""
    headers: dict[str, str] = {}
    _propagator.inject(headers)
    return headers


class _Current(NonRecordingSpan):
    """The span that is current; ``held`` takes what ends within it, where its trace isn't kept."""

    def __init__(self, context: SpanContext, held: Held | None) -> None:
        super().__init__(context)
        self.held = held


class ActiveSpan:
    """A span, current from entering to leaving; an error marks it by its class and never by its message.

    It is handed to the SDK when it has ended: the SDK's own, that others may change meanwhile, cost five times as much.
    """

    __slots__ = (
        "_attributes",
        "_began",
        "_context",
        "_held",
        "_is_first",
        "_kind",
        "_name",
        "_outer",
        "_parent",
        "_started",
        "_token",
        "ended",
        "is_failed",
    )

    def __init__(
        self,
        name: str,
        kind: SpanKind,
        attributes: dict[str, Value],
        parent: otel_context.Context | None = None,
    ) -> None:
        self._name, self._kind, self._attributes, self._parent = name, kind, attributes, parent
        self._token: Token[otel_context.Context] | None = None
        self.is_failed = False

    def __enter__(self) -> Self:
        around = INVALID_SPAN if self._parent is _NOWHERE else trace.get_current_span(self._parent)
        outer = around.get_span_context()
        held = around.held if isinstance(around, _Current) else None
        is_recorded = _export is not None and (outer.trace_flags.sampled or held is not None)
        if self._parent is None and outer.is_valid and not is_recorded:
            return self  # nothing is recorded: the ids that there are will do
        self._outer = outer
        self._context = _make_context(outer)
        # The first span here of a trace that isn't kept, but for probes: whose caller is made up, and here.
        self._is_first = held is None and not self._context.trace_flags.sampled and _begins_here(outer)
        self._held = Held(_export) if self._is_first and _export is not None else held
        current = trace.set_span_in_context(_Current(self._context, self._held), self._parent)
        self._token = otel_context.attach(current)
        self._started, self._began = time.time_ns(), time.perf_counter_ns()
        return self

    def set(self, name: str, value: Value) -> None:
        """Note something on the span."""
        self._attributes[name] = value[:_LONGEST_VALUE] if isinstance(value, str) else value

    def fail(self, kind: str) -> None:
        """Mark the span as failed; ``kind`` is a class of errors, not a message."""
        self.is_failed = True
        self.set("error.type", kind)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is None:
            return
        if kind is not None:
            self.fail(kind.__name__)
        # Also where the host's clock was set meanwhile, a span lasts as long as it did.
        self.ended = self._started + time.perf_counter_ns() - self._began
        otel_context.detach(self._token)
        self._hand_over()

    @property
    def is_exported(self) -> bool:
        """Whether it goes to the collector, after its end."""
        if self._token is None or _export is None:
            return False
        if self._held is None:
            return self._context.trace_flags.sampled
        return self._is_first and self._held.is_needed(self.is_failed)

    def _hand_over(self) -> None:
        if _export is None:
            return
        if self._held is None:
            if self._context.trace_flags.sampled:
                _export.add(self._finished())
        elif not self._is_first:
            self._held.add(self._finished())
        elif self._held.is_needed(self.is_failed):
            self._held.keep(self._finished())

    def _finished(self) -> Finished:
        return Finished(
            name=self._name,
            kind=self._kind,
            context=self._context,
            parent=self._outer if self._outer.is_valid else None,
            attributes=self._attributes,
            is_failed=self.is_failed,
            started=self._started,
            ended=self.ended,
        )


class ServerSpan(ActiveSpan):
    """The span of a request; when it has ended the adapter tells what it has learned, and it is exported."""

    __slots__ = ("_method",)

    def __init__(self, method: str, parent: otel_context.Context) -> None:
        self._method = method if method in _METHODS else "HTTP"
        super().__init__(self._method, SpanKind.SERVER, {"http.request.method": self._method}, parent)

    @property
    def trace_id(self) -> str:
        """As 32 hex digits, once it is entered."""
        return f"{self._context.trace_id:032x}"

    def _hand_over(self) -> None:
        """Not before it is known what it was."""

    def export(self, route: str | None, status: int, learned: Mapping[str, Value]) -> None:
        """Send it, after its end; ``route`` is the template."""
        if _export is None:
            return
        if route:
            self._name = f"{self._method} {route}"
        self._attributes.update({"http.route": route or "", "http.response.status_code": status}, **learned)
        if status >= 500:
            self.fail(str(status))
        super()._hand_over()


def server_span(
    method: str,
    headers: Mapping[str, str] | Callable[[str], str | None],
    *,
    is_probe: bool = False,
) -> ServerSpan:
    """The span of a request that has just come in, part of the caller's trace where ``headers`` name a valid one.

    ``headers`` is a mapping or its ``get``; names are asked for in lower case. A probe, and what it asks in turn,
    is not recorded: probes come every few seconds.
    """
    header = headers if callable(headers) else headers.get
    parent, caller = _NOWHERE, header("traceparent")
    if caller and len(caller) <= _LONGEST_HEADER:
        state = header("tracestate") or ""
        carrier = {"traceparent": caller, "tracestate": state if len(state) <= _LONGEST_HEADER else ""}
        parent = _propagator.extract(carrier, parent)
    if is_probe:
        outer = SpanContext(random.getrandbits(128) or 1, random.getrandbits(64) or 1, is_remote=False)
        parent = trace.set_span_in_context(NonRecordingSpan(outer), parent)
    return ServerSpan(method, parent)


def client_span(dependency: str, name: str, **attributes: Value) -> ActiveSpan:
    """The span of one call to ``dependency``."""
    return ActiveSpan(name, SpanKind.CLIENT, {"peer.service": dependency, **attributes})


def span(name: str, **attributes: Value) -> ActiveSpan:
    """``with tracing.span("rank", candidates=40):`` a span of one's own, inside the current one."""
    return ActiveSpan(name, SpanKind.INTERNAL, attributes)


def _begins_here(outer: SpanContext) -> bool:
    return not outer.is_valid or outer.is_remote


def _make_context(outer: SpanContext) -> SpanContext:
    span_id = random.getrandbits(64) or 1
    if outer.is_valid:
        return SpanContext(outer.trace_id, span_id, False, outer.trace_flags, outer.trace_state)
    trace_id = random.getrandbits(128) or 1
    is_sampled = _export is not None and _export.is_sampled(trace_id)
    return SpanContext(trace_id, span_id, False, _SAMPLED if is_sampled else _NOT_SAMPLED)
