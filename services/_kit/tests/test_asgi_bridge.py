"""An ASGI application inside aiohttp: headers, bodies, streams, and clients that leave."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from aiohttp import web
from garrison_kit.asgi_bridge import Message, Receive, Send, bridge
from kit_processes import serve_aiohttp_app

Head = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Call:
    """What an application is called with."""

    scope: Message
    receive: Receive
    send: Send


class Demo:
    """Answers according to the path, and remembers how its requests ended."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self.cut = threading.Event()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        answer: Callable[[Call], Awaitable[None]] = getattr(self, scope["path"].split("/")[1])
        await answer(Call(scope, receive, send))

    async def echo(self, call: Call) -> None:
        message = await call.receive()
        headers = [(name.decode(), value.decode("latin-1")) for name, value in call.scope["headers"]]
        seen = {
            "method": call.scope["method"],
            "path": call.scope["path"],
            "raw_path": call.scope["raw_path"].decode(),
            "query": call.scope["query_string"].decode(),
            "headers": headers,
            "body": message["body"].decode("latin-1"),
            "more": message["more_body"],
            "client": call.scope["client"][0],
        }
        await begin(call.send, 201, [(b"x-one", b"a"), (b"X-One", b"b"), (b"connection", b"close")])
        await call.send({"type": "http.response.body", "body": json.dumps(seen).encode()})

    async def stream(self, call: Call) -> None:
        await begin(call.send, 200, [(b"content-type", b"text/event-stream")])
        for number in range(3):
            await call.send({"type": "http.response.body", "body": b"%d;" % number, "more_body": True})
            await asyncio.sleep(0.1)
        await call.send({"type": "http.response.body"})

    async def empty(self, call: Call) -> None:
        await begin(call.send, 202, [])
        await call.send({"type": "http.response.body", "body": b""})

    async def wait(self, call: Call) -> None:
        await call.receive()
        if (await call.receive())["type"] == "http.disconnect":
            self.gone.set()

    async def endless(self, call: Call) -> None:
        await begin(call.send, 200, [])
        try:
            while True:
                await call.send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        except OSError:
            self.cut.set()

    async def after(self, call: Call) -> None:
        await self.empty(call)
        await call.receive()
        if (await call.receive())["type"] == "http.disconnect":
            self.gone.set()

    async def silent(self, _: Call) -> None:
        """No answer at all."""

    async def broken(self, call: Call) -> None:
        await begin(call.send, 200, [])
        raise RuntimeError("inside")

    async def unbegun(self, call: Call) -> None:
        await call.send({"type": "http.response.body", "body": b"early"})


async def begin(send: Send, status: int, headers: Head) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


@pytest.fixture(scope="module")
def demo() -> Demo:
    return Demo()


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[httpx.Client]:
    app = web.Application(client_max_size=1000)
    app.router.add_route("*", "/{path:.*}", bridge(demo))
    port, stop = serve_aiohttp_app(app)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    stop()


def test_the_application_sees_the_request_as_it_came(client: httpx.Client) -> None:
    answer = client.request(
        "POST", "/echo/a%20b%2Fc?q=%C3%A4&q=2", content=b"\x00\xff", headers=[("X-Two", "1"), ("X-Two", "2")]
    )
    seen = answer.json()
    assert (seen["method"], seen["path"], seen["raw_path"]) == ("POST", "/echo/a b/c", "/echo/a%20b%2Fc")
    assert (seen["query"], seen["body"], seen["more"]) == ("q=%C3%A4&q=2", "\x00\xff", False)
    assert [value for name, value in seen["headers"] if name == "x-two"] == ["1", "2"]
    assert seen["client"] == "127.0.0.1"


def test_the_client_sees_the_answer_as_it_was_made(client: httpx.Client) -> None:
    answer = client.get("/echo")
    assert (answer.status_code, answer.headers.get_list("x-one")) == (201, ["a", "b"])
    assert answer.headers.get("connection") != "close"


def test_an_empty_answer_is_empty(client: httpx.Client) -> None:
    answer = client.get("/empty")
    assert (answer.status_code, answer.content) == (202, b"")


def test_a_stream_arrives_piece_by_piece(client: httpx.Client) -> None:
    began = time.monotonic()
    with client.stream("GET", "/stream") as answer:
        pieces = answer.iter_bytes()
        first = next(pieces)
        early = time.monotonic() - began
        rest = b"".join(pieces)
    assert (first, rest) == (b"0;", b"1;2;")
    assert early < time.monotonic() - began - 0.1


def test_a_body_over_aiohttps_limit_never_reaches_the_application(client: httpx.Client) -> None:
    assert client.post("/echo", content=b"x" * 2000).status_code == 413


def leave(client: httpx.Client, path: str, read: int) -> None:
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.2)
        if read:
            connection.recv(read)


def test_an_application_that_waits_is_told_when_the_client_has_left(client: httpx.Client, demo: Demo) -> None:
    demo.gone.clear()
    leave(client, "/wait", 0)
    assert demo.gone.wait(5)


def test_an_application_that_streams_to_nobody_is_stopped(client: httpx.Client, demo: Demo) -> None:
    leave(client, "/endless", 1)
    assert demo.cut.wait(5)


def test_after_its_answer_the_application_is_told_that_it_is_done(client: httpx.Client, demo: Demo) -> None:
    demo.gone.clear()
    assert client.get("/after").status_code == 202
    assert demo.gone.is_set()


@pytest.mark.parametrize("path", ["/silent", "/broken", "/unbegun"])
def test_an_application_that_fails_before_its_answer_is_a_500(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 500
