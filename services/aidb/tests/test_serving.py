"""aidb is served as the kit serves: problems for what is no HTTP, traces to the collector, an end that is told."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import wait_for


def test_what_is_no_http_gets_a_problem_document(aidb: Aidb) -> None:
    url = urlsplit(aidb.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(b"this is no HTTP\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b"error_id" in answer


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """The URL of an OTLP collector, and what it has got."""
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


def test_requests_are_traced_to_the_collector(
    stack: Stack, launch: Launch, collector: tuple[str, list[bytes]]
) -> None:
    url, got = collector
    stack.postgres.make_database("traced")
    aidb = launch(
        "traced", raw={"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_COMPRESSION": "none"}
    )
    aidb.wait_until_ready()
    assert aidb.reader.get("/stats").status_code == 200
    aidb.close()
    wait_for("the spans arrive", lambda: any(b"/stats" in body for body in got), 30)
