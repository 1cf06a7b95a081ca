"""The lab's stand-in for Jaeger, and spans that OpenTelemetry's own SDK makes and sends."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Tracer, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

sys.path.insert(0, str(Path(__file__).parent / "support"))

from jaeger_process import StandIn

Tracing = Callable[[str], Tracer]


@pytest.fixture
def few(tmp_path: Path) -> Iterator[StandIn]:
    """One that keeps three traces."""
    made = StandIn(tmp_path, max_traces=3)
    made.start()
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    made = StandIn(tmp_path_factory.mktemp("jaeger"))
    made.start()
    yield made
    assert made.stop() == 0


@pytest.fixture
def jaeger(_shared: StandIn) -> StandIn:
    """One for all tests; each has services and traces of its own."""
    return _shared


@pytest.fixture
def tracing() -> Iterator[Callable[[StandIn, str], Tracer]]:
    """``tracing(server, service)``: what makes spans of that service, and sends each when it ends."""
    providers: list[TracerProvider] = []

    def make(server: StandIn, service: str) -> Tracer:
        provider = TracerProvider(
            resource=Resource({"service.name": service, "service.version": "0.1.0"}), shutdown_on_exit=False
        )
        url = server.url("otlp", "/v1/traces")
        exporter = OTLPSpanExporter(endpoint=url, compression=Compression.Gzip)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        providers.append(provider)
        return provider.get_tracer("tests")

    yield make
    for one in providers:
        one.shutdown()
