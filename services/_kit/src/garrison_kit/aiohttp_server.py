"""aiohttp's server, set up for one process: problem documents for what is no HTTP, an end that drains."""

import asyncio
import signal
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from garrison_kit.aiohttp import CORE
from garrison_kit.problems import render_malformed, render_unexpected

GRACE_SECONDS = 20.0
_KEEPALIVE_SECONDS = 75.0  # longer than the door keeps an idle connection, so the door closes first


def serve(app: web.Application, host: str, port: int, *, grace_seconds: float = GRACE_SECONDS) -> None:
    """Serve until SIGTERM or SIGINT; requests under way then have ``grace_seconds`` to be answered.

    A service closes what it holds in ``on_cleanup`` or ``cleanup_ctx``: ``on_shutdown`` comes before the drain.
    """
    asyncio.run(_serve(app, host, port, grace_seconds))


def make_runner(app: web.Application, grace_seconds: float = GRACE_SECONDS) -> web.AppRunner:
    """The runner that ``serve`` uses, for whoever has a loop already."""
    return _Runner(
        app,
        access_log=None,
        shutdown_timeout=grace_seconds,
        keepalive_timeout=_KEEPALIVE_SECONDS,
        lingering_time=2.0,
        auto_decompress=False,
    )


async def _serve(app: web.Application, host: str, port: int, grace_seconds: float) -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    runner = make_runner(app, grace_seconds)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        await told.wait()
        app[CORE].readiness.stop()
    finally:
        await runner.cleanup()


class _Protocol(RequestHandler):
    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what never reached the application: a request that is no HTTP, or a failure beyond reach."""
        del message  # it quotes what was sent
        if request.writer.output_size > 0:
            raise ConnectionError("the answer is on its way, no other can be sent")
        problem = render_unexpected(exc) if exc is not None and status >= 500 else render_malformed(status)
        headers = {**problem.headers, "Server": "garrison"}  # its own would name versions
        response = web.Response(body=problem.body, status=problem.status, headers=headers)
        response.force_close()
        return response


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)


class _Runner(web.AppRunner):
    async def _make_server(self) -> Any:
        server = await super()._make_server()
        server.__class__ = _Server  # aiohttp has no place to name another protocol
        return server
