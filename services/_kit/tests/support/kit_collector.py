"""A collector: takes OTLP over HTTP, decodes it with the protocol's own messages and keeps the spans."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Value = str | int | float | bool


@dataclass(frozen=True)
class Seen:
    """One span as it arrived."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    is_error: bool
    attributes: dict[str, Value]
    raw: str


@dataclass
class Collector:
    """Where to send spans, and those that came."""

    url: str = ""
    paths: set[str] = field(default_factory=set)
    spans: list[Seen] = field(default_factory=list)

    def wait_for(self, condition: Callable[[list[Seen]], bool], seconds: float = 20) -> list[Seen]:
        """All spans once ``condition`` holds for them; or those there are after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not condition(self.spans) and time.monotonic() < deadline:
            time.sleep(0.05)
        return list(self.spans)


def _values(attributes: Iterator[KeyValue]) -> dict[str, Value]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def _decode(body: bytes) -> Iterator[Seen]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = _values(iter(resource.resource.attributes))
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Seen(
                    service=str(about["service.name"]),
                    name=span.name,
                    kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    is_error=span.status.code == 2,
                    attributes=_values(iter(span.attributes)),
                    raw=str(span),
                )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on loopback, for the time of the block."""
    found = Collector()

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            found.paths.add(self.path)
            found.spans.extend(_decode(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        server.daemon_threads = True
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
