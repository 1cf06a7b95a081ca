"""Sends spans to the collector from a thread of its own; whatever happens to them, no request notices."""

import atexit
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import cast

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from garrison_kit import later
from garrison_kit.finished import Finished
from garrison_kit.otlp import Envelope

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
RATIO = "OTEL_TRACES_SAMPLER_ARG"
_QUEUE, _BATCH = 2048, 512
_EXPORT_SECONDS, _SHUTDOWN_MILLIS = 5.0, 2000
_COMPLAIN_SECONDS = 60.0
_NOISY = ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk._shared_internal")
_log = structlog.get_logger("garrison_kit.tracing")


class Export:
    """The way to the collector; at the process's end it waits two seconds for the last spans to go."""

    def __init__(self, service: str, version: str, environ: Mapping[str, str]) -> None:
        self._overflowed, self._lock = 0, threading.Lock()
        self._bound = round(_ratio(environ.get(RATIO)) * 2**64)
        about = Resource.create({"service.name": service, "service.version": version}).attributes
        known = {key: value for key, value in about.items() if isinstance(value, str | bool | int | float)}
        self._exporter = _Patient(_traces_url(environ), Envelope(known, "garrison_kit", version))
        self._processor = BatchSpanProcessor(
            self._exporter,
            max_queue_size=_QUEUE,
            max_export_batch_size=_BATCH,
        )
        # The exporter's and the queue's own lines come with each batch and each span that is lost.
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        atexit.register(_finish, self._processor)

    def is_sampled(self, trace_id: int) -> bool:
        """Whether a trace that begins here is exported: as many as the ratio says, by their ids, as W3C has it."""
        return trace_id & (2**64 - 1) < self._bound

    @property
    def lost(self) -> int:
        """How many spans found the queue full, or the collector away."""
        return self._overflowed + self._exporter.lost

    def add(self, span: Finished) -> None:
        """Queue a span; the queue is bounded, and what finds it full costs the oldest its place."""
        # The SDK's processor asks whether it is sampled, which an error needn't be. The exporter behind it is ours.
        batches = self._processor._batch_processor
        if len(batches._queue) >= _QUEUE:
            with self._lock:
                self._overflowed += 1
        batches.emit(cast(ReadableSpan, span))


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
    later.flush_all()
    processor._batch_processor.shutdown(_SHUTDOWN_MILLIS)


class _Patient(SpanExporter):
    """Says once a minute that the collector takes nothing, and how many spans that has cost."""

    def __init__(self, url: str, envelope: Envelope) -> None:
        self._inner = OTLPSpanExporter(endpoint=url, timeout=_EXPORT_SECONDS)
        self._envelope = envelope
        self.lost, self._lost_since, self._complain_at = 0, 0, 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        request = self._envelope.hold(cast(Sequence[Finished], spans))
        is_taken = self._inner._client.export(request).success
        if not is_taken:
            self.lost += len(spans)
            self._lost_since += len(spans)
            if time.monotonic() >= self._complain_at:
                self._complain_at = time.monotonic() + _COMPLAIN_SECONDS
                _log.warning("spans_lost", spans=self._lost_since)
        elif self._lost_since:
            _log.info("collector_takes_spans_again", lost=self._lost_since)
            self._lost_since, self._complain_at = 0, 0.0
        return SpanExportResult.SUCCESS if is_taken else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self._inner.shutdown()  # type: ignore[no-untyped-call] # not annotated there

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._inner.force_flush(timeout_millis)
