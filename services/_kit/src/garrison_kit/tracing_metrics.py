"""Shows on /metrics what tracing costs: the spans that never reached the collector."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from garrison_kit import tracing


class _Lost(Collector):
    """A collector of its own: the exporter may be made after the registry, or never."""

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "garrison_spans_lost", "Spans that never reached the collector", value=tracing.lost_spans()
        )


def expose(registry: CollectorRegistry) -> None:
    """Have ``registry`` show them."""
    registry.register(_Lost())
