"""ask-openly against servers that answer as PostgreSQL, Redis and services do."""

import json
import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import running


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(512)
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, running(server) as port:
        yield port


def asks(kind: int) -> bytes:
    return b"R" + struct.pack("!II", 8, kind)


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        ("postgres", asks(10), "scram"),
        ("postgres", asks(0), "let in"),
        ("postgres", asks(5), "md5"),
        ("postgres", asks(3), "password in the clear"),
        ("postgres", b"E" + struct.pack("!I", 30) + b"SFATAL", "refused"),
        ("postgres", b"HTTP/1.1 400", "unknown"),
        ("postgres", b"R", None),
        ("redis", b"-NOAUTH Authentication required.\r\n", "refused"),
        ("redis", b"$12\r\n# Server\r\n", "let in"),
        ("redis", b"-ERR unknown command\r\n", "unknown"),
        ("http", b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "refused"),
        ("http", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "refused"),
        ("http", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "status 404"),
        ("http", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "status 200"),
        ("http", b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "unknown"),
        ("http", b"-NOAUTH\r\n", None),
    ],
)
def test_what_a_service_answers_is_told(
    host: Host, monkeypatch: pytest.MonkeyPatch, kind: str, answer: bytes, said: str | None
) -> None:
    monkeypatch.setenv("GARRISON_NETWORK", "own")
    with answering(answer) as port:
        word = f"store:{kind}:{port}:api"
        done = host.run("ask-openly", word)
    assert json.loads(done.stdout) == {word: said}


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refused"), (403, "refused"), (200, "status 200"), (302, "status 302"), (503, "unknown")],
)
def test_who_shows_dashboards_is_asked_for_them(
    host: Host, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    monkeypatch.setenv("GARRISON_NETWORK", "own")
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, running(server) as port:
        word = f"shown:viewer:{port}:nobody"
        done = host.run("ask-openly", word)
    assert json.loads(done.stdout) == {word: said}
    assert asked == ["/api/search?limit=1"]


def test_a_service_that_does_not_run_is_named(host: Host) -> None:
    host.answer("container", "0\n")
    done = host.run("ask-openly", "store:postgres:5432:api")
    assert json.loads(done.stdout) == {"store:postgres:5432:api": None}
    assert "store:" in done.stderr
