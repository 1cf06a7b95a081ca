"""Prometheus metrics whose labels are bounded: route templates, known methods, status codes."""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from typing import NamedTuple

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


class Answered(NamedTuple):
    """One request; ``route`` is the template (``/documents/{id}``), None where no route matched.

    ``client`` is one of the clients' file or ``service``, nothing else; empty where nobody is known. ``trace_id`` is
    of a trace that is kept: an example of how long it took.
    """

    method: str
    route: str | None
    status: int
    seconds: float
    client: str = ""
    trace_id: str | None = None


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

    def count(self, answered: Iterable[Answered]) -> None:
        """Count requests, all at once."""
        clients: Tally[str] = Tally()
        of_labels: dict[tuple[str, str | None, int], list[Answered]] = {}
        for one in answered:
            clients[one.client] += 1
            of_labels.setdefault((one.method, one.route, one.status), []).append(one)
        del clients[""]
        for name, requests in clients.items():
            self._count_client(name, requests)
        for (method, route, status), those in of_labels.items():
            counter, histogram = self._find_children(method, route, status)
            counter.inc(len(those))
            # A bucket keeps its latest example, so that nobody would see the others.
            shown: set[int] = set()
            for one in reversed(those):
                bucket, example = bisect_left(_BUCKETS, one.seconds), None
                if one.trace_id is not None and bucket not in shown:
                    shown.add(bucket)
                    example = {"trace_id": one.trace_id}
                histogram.observe(one.seconds, example)

    def _count_client(self, name: str, requests: int) -> None:
        counter = self._of_clients.get(name)
        if counter is None:
            counter = self._of_clients[name] = self._clients.labels(name)
        counter.inc(requests)

    def _find_children(self, method: str, route: str | None, status: int) -> tuple[Counter, Histogram]:
        labels = (method if method in _METHODS else "other", route or UNMATCHED, str(status))
        # Looking a labelled child up costs more than counting with it.
        children = self._children.get(labels)
        if children is None:
            children = self._requests.labels(*labels), self._duration.labels(*labels)
            self._children[labels] = children
        return children

    def render(self, accept: str | None) -> tuple[bytes, str]:
        """What a scrape of /metrics gets, and its type: OpenMetrics, with the examples, for whoever accepts that."""
        encode, content_type = choose_encoder(accept or "")
        return encode(self.registry), content_type
