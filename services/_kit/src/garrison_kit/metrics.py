"""Prometheus metrics whose labels are bounded: route templates, known methods, status codes."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

from garrison_kit import breaker_metrics, tracing_metrics

# A second series for each labelled one, read by nobody here.
disable_created_metrics()  # type: ignore[no-untyped-call] # not annotated there

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LABELS = ("method", "route", "status")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The registry of one service; register the service's own metrics with ``registry`` too."""

    def __init__(self, service: str, version: str) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        breaker_metrics.expose(self.registry)
        tracing_metrics.expose(self.registry)
        build = Gauge(
            "service_info", "1, labelled by what runs", ("service", "version"), registry=self.registry
        )
        build.labels(service, version).set(1)
        self._requests = Counter("http_requests", "Requests answered", _LABELS, registry=self.registry)
        self._duration = Histogram(
            "http_request_duration_seconds",
            "Time from the request's arrival to the last byte of the answer",
            _LABELS,
            registry=self.registry,
            buckets=_BUCKETS,
        )

        self._clients = Counter(
            "garrison_client_requests", "Requests of each client", ("client",), registry=self.registry
        )
        self._of_clients: dict[str, Counter] = {}
        self._children: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def watch_in_flight(self, count: Callable[[], float]) -> None:
        """Show how many requests are being served, as ``count`` says when asked."""
        gauge = Gauge("garrison_requests_in_flight", "Requests being served", registry=self.registry)
        gauge.set_function(count)

    def count_client(self, name: str) -> None:
        """Count one request of a client; ``name`` is one of the clients' file or ``service``, nothing else."""
        counter = self._of_clients.get(name)
        if counter is None:
            counter = self._of_clients[name] = self._clients.labels(name)
        counter.inc()

    def observe(
        self, method: str, route: str | None, status: int, seconds: float, trace_id: str | None = None
    ) -> None:
        """Count one request; ``route`` is the template (``/documents/{id}``), None where no route matched.

        ``trace_id`` is of a trace that is kept: an example of how long it took.
        """
        labels = (method if method in _METHODS else "other", route or UNMATCHED, str(status))
        # Looking a labelled child up costs more than counting with it.
        children = self._children.get(labels)
        if children is None:
            children = self._requests.labels(*labels), self._duration.labels(*labels)
            self._children[labels] = children
        children[0].inc()
        children[1].observe(seconds, {"trace_id": trace_id} if trace_id else None)

    def render(self, accept: str | None) -> tuple[bytes, str]:
        """What a scrape of /metrics gets, and its type: OpenMetrics, with the examples, for whoever accepts that."""
        encode, content_type = choose_encoder(accept or "")
        return encode(self.registry), content_type
