"""Any application on its framework's real server, on loopback, in a thread of the test's process."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from aiohttp import web


def serve_asgi(app: Any) -> tuple[int, Callable[[], None]]:
    """Serve on uvicorn, lifespan included. Returns the port and what stops it."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()
        listener.close()

    return listener.getsockname()[1], stop


def serve_aiohttp_app(app: web.Application) -> tuple[int, Callable[[], None]]:
    """Serve on aiohttp's own server. Returns the port and what stops it."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app, access_log=None)
    listener = socket.create_server(("127.0.0.1", 0))

    async def start() -> None:
        await runner.setup()
        await web.SockSite(runner, listener).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def stop() -> None:
        if loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    return listener.getsockname()[1], stop
