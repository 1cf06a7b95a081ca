"""ask-openly against servers that answer as PostgreSQL, Redis and services do."""

import base64
import json
import socketserver
import struct
from collections.abc import Iterator, Mapping
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


@contextmanager
def grafana(answers: Mapping[str | None, int]) -> Iterator[tuple[int, list[str]]]:
    """It answers by what is sent as a login; the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(answers[self.headers["Authorization"]])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, running(server) as port:
        yield port, asked


@pytest.mark.parametrize(
    ("nobody", "admin", "said"),
    [
        (401, 401, ["refused", "refused"]),
        (200, 401, ["status 200", "refused"]),
        (401, 200, ["refused", "status 200"]),
        (302, 403, ["status 302", "refused"]),
        (503, 401, ["unknown", "refused"]),
    ],
)
def test_who_shows_dashboards_is_asked_as_nobody_and_by_the_password_that_it_comes_with(
    host: Host, monkeypatch: pytest.MonkeyPatch, nobody: int, admin: int, said: list[str]
) -> None:
    monkeypatch.setenv("GARRISON_NETWORK", "own")
    login = f"Basic {base64.b64encode(b'admin:admin').decode()}"
    with grafana({None: nobody, login: admin}) as (port, asked):
        words = [f"shown:viewer:{port}:{user}" for user in ("nobody", "admin")]
        done = host.run("ask-openly", *words)
    assert json.loads(done.stdout) == dict(zip(words, said, strict=True))
    assert asked == ["/api/search?limit=1"] * 2


def test_a_service_that_does_not_run_is_named(host: Host) -> None:
    host.answer("container", "0\n")
    done = host.run("ask-openly", "store:postgres:5432:api")
    assert json.loads(done.stdout) == {"store:postgres:5432:api": None}
    assert "store:" in done.stderr
