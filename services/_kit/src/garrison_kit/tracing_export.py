"""Sends spans to the collector from a thread of its own; whatever happens to them, no request notices."""

import atexit
import logging
import time
from collections.abc import Mapping, Sequence

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
RATIO = "OTEL_TRACES_SAMPLER_ARG"
_QUEUE, _BATCH = 2048, 512
_EXPORT_SECONDS, _SHUTDOWN_MILLIS = 5.0, 2000
_COMPLAIN_SECONDS = 60.0
_log = structlog.get_logger("garrison_kit.tracing")


def open_tracer(service: str, version: str, environ: Mapping[str, str]) -> trace.Tracer:
    """A tracer whose spans go to the collector; at the process's end it waits two seconds for the last ones."""
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(_ratio(environ.get(RATIO))),
        resource=Resource.create({"service.name": service, "service.version": version}),
        shutdown_on_exit=False,
        span_limits=SpanLimits(max_attributes=32, max_events=16, max_links=16, max_attribute_length=256),
    )
    processor = BatchSpanProcessor(
        _Patient(OTLPSpanExporter(endpoint=_traces_url(environ), timeout=_EXPORT_SECONDS)),
        max_queue_size=_QUEUE,
        max_export_batch_size=_BATCH,
    )
    provider.add_span_processor(processor)
    # The exporter's and the queue's own lines come with each batch and each span that is lost.
    for name in (
        "opentelemetry.exporter.otlp.proto.http.trace_exporter",
        "opentelemetry.sdk._shared_internal",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    atexit.register(_finish, processor)
    # Not made the process's provider: FastAPI and others would add spans of their own, with queries and messages.
    return provider.get_tracer("garrison_kit", version)


def _traces_url(environ: Mapping[str, str]) -> str:
    return environ[ENDPOINT].rstrip("/") + "/v1/traces"


def _ratio(text: str | None) -> float:
    try:
        ratio = float(text or 1.0)
    except ValueError:
        ratio = -1.0
    if not 0.0 <= ratio <= 1.0:
        _log.warning("bad_sampler_arg", setting=RATIO, taken=1.0)
        return 1.0
    return ratio


def _finish(processor: BatchSpanProcessor) -> None:
    processor._batch_processor.shutdown(_SHUTDOWN_MILLIS)


class _Patient(SpanExporter):
    """Says once a minute that the collector takes nothing, and how many spans that has cost."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._lost, self._complain_at = 0, 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        if result is SpanExportResult.FAILURE:
            self._lost += len(spans)
            if time.monotonic() >= self._complain_at:
                self._complain_at = time.monotonic() + _COMPLAIN_SECONDS
                _log.warning("spans_lost", spans=self._lost)
        elif self._lost:
            _log.info("collector_takes_spans_again", lost=self._lost)
            self._lost, self._complain_at = 0, 0.0
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._inner.force_flush(timeout_millis)
