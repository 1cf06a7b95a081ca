"""The ASGI application behind ``/mcp``: the SDK's stateless HTTP transport, and a task in which it lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from garrison_kit.mcp_errors import keep_short
from garrison_kit.problems import HttpProblemError

# The kit's own limit is lower and answers with a problem.
_BODY = 256 * 1024 * 1024


class Endpoint:
    """Answers POSTs; each is complete in itself, so any process can answer any of them."""

    def __init__(self, server: Server[Any]) -> None:
        self._server = server
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While this lasts calls are answered; at its end those still running are cancelled."""
        manager = StreamableHTTPSessionManager(
            self._server, json_response=True, stateless=True, max_request_body_size=_BODY
        )
        started, stop = asyncio.Event(), asyncio.Event()
        # Its task group must be left by the task that entered it, which servers don't promise for startup and cleanup.
        task = asyncio.create_task(_run(manager, started, stop))
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            await task
        self._manager = manager
        try:
            yield
        finally:
            self._manager = None
            stop.set()
            await task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST.

        Raises HttpProblemError: 403 for a browser's foreign page, 405 for another method, 503 outside of ``running``.
        """
        if scope["method"] != "POST":
            raise HttpProblemError(405, "Only POST is answered here.", headers={"Allow": "POST"})
        _refuse_foreign_origin(scope)
        if self._manager is None:
            raise HttpProblemError(
                503, "The service is starting or shutting down.", headers={"Retry-After": "1"}
            )
        await self._manager.handle_request(scope, receive, keep_short(send))


async def _run(manager: StreamableHTTPSessionManager, started: asyncio.Event, stop: asyncio.Event) -> None:
    async with manager.run():
        started.set()
        await stop.wait()


def _refuse_foreign_origin(scope: Scope) -> None:
    # MCP wants the Origin checked; the names that the door answers to are known to the door only, which hands on
    # the one it was asked for. A page that has rebound its own name still has no key.
    headers = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is None:
        return
    try:
        netloc = urlsplit(origin.decode("ascii")).netloc.lower()
    except ValueError:
        netloc = ""
    if not netloc or netloc != headers.get(b"host", b"").decode("latin-1").lower():
        raise HttpProblemError(403, "Pages of another origin may not call this.")
