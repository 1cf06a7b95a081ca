"""An ASGI application as a handler of aiohttp: what the MCP SDK is, in a service on aiohttp."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_GONE_SECONDS = 0.2
# aiohttp decides these for the connection that it has.
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})


def bridge(app: Application) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler that answers each request with ``app``; the request's body is read whole, the answer may stream."""

    async def handle(request: web.Request) -> web.StreamResponse:
        exchange = _Exchange(request, await request.read())
        await app(_scope(request), exchange.receive, exchange.send)
        return exchange.response()

    return handle


class _Exchange:
    """One request and its answer, seen from the application."""

    def __init__(self, request: web.Request, body: bytes) -> None:
        self._request = request
        self._body: bytes | None = body
        self._head: tuple[int, CIMultiDict[str]] | None = None
        self._response: web.StreamResponse | None = None
        self._is_complete = False

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        while not self._is_complete and self._is_connected():
            await asyncio.sleep(_GONE_SECONDS)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message["status"], _headers(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), bool(message.get("more_body")))

    def response(self) -> web.StreamResponse:
        if self._response is None or not self._is_complete:
            raise RuntimeError("the application ended without an answer")
        return self._response

    async def _send_body(self, body: bytes, is_more: bool) -> None:
        if self._head is None or self._is_complete:
            raise RuntimeError("the application sends a body at the wrong time")
        status, headers = self._head
        if self._response is None and not is_more:
            self._response = web.Response(body=body, status=status, headers=headers)
        else:
            if self._response is None:
                self._response = web.StreamResponse(status=status, headers=headers)
                await self._response.prepare(self._request)
            if body:
                await self._response.write(body)
            if not is_more:
                await self._response.write_eof()
        self._is_complete = not is_more

    def _is_connected(self) -> bool:
        transport = self._request.transport
        return transport is not None and not transport.is_closing()


def _headers(raw: Any) -> CIMultiDict[str]:
    found = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
    return CIMultiDict((name, value) for name, value in found if name.lower() not in _HOP_BY_HOP)


def _scope(request: web.Request) -> Message:
    raw_path, _, query = request.raw_path.partition("?")
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": f"{request.version.major}.{request.version.minor}",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": raw_path.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": tuple(peer[:2]) if isinstance(peer, tuple) else None,
        "server": None,
        "state": {},
    }
