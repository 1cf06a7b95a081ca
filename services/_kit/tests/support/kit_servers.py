"""Each framework's application on its real server, on loopback, in a thread of the test's process."""

import asyncio
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from aiohttp import web
from garrison_kit import logging
from garrison_kit.aiohttp_server import make_runner
from garrison_kit.options import Options
from garrison_kit.uvicorn import make_config
from kit_demo_aiohttp import aiohttp_app
from kit_demo_fastapi import fastapi_app
from kit_demo_flask import flask_app
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        """The kit writes the access line."""


def serve_flask(options: Options) -> tuple[int, Callable[[], None]]:
    server = make_server("127.0.0.1", 0, flask_app(options), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return server.port, stop


def serve_fastapi(options: Options) -> tuple[int, Callable[[], None]]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(make_config(fastapi_app(options), "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()
        listener.close()

    return listener.getsockname()[1], stop


def serve_aiohttp(options: Options) -> tuple[int, Callable[[], None]]:
    loop = asyncio.new_event_loop()
    runner = make_runner(aiohttp_app(options))
    listener = socket.create_server(("127.0.0.1", 0))

    async def start() -> None:
        await runner.setup()
        await web.SockSite(runner, listener).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def stop() -> None:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    return listener.getsockname()[1], stop


ADAPTERS = {"fastapi": serve_fastapi, "flask": serve_flask, "aiohttp": serve_aiohttp}


@dataclass(frozen=True)
class Served:
    """One adapter's application on a real server."""

    adapter: str
    port: int
    client: httpx.Client
    log: io.StringIO
    clients_file: Path

    def lines(self, event: str, count: int = 1, **fields: object) -> list[dict[str, Any]]:
        """The log lines of ``event`` with these fields; a line may come just after the answer, so it waits."""
        deadline = time.monotonic() + 3
        while True:
            parsed = [json.loads(line) for line in self.log.getvalue().splitlines()]
            wanted = {"event": event, **fields}
            found = [line for line in parsed if wanted.items() <= line.items()]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.01)

    def send_raw(self, request: bytes, timeout: float = 5) -> bytes:
        """What comes back for these bytes until the server closes or says nothing more."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(request)
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except TimeoutError:
                pass
        return received


@contextmanager
def serving(adapter: str, options: Options) -> Iterator[Served]:
    """The demo on the framework named, with the log of the whole process in ``log``."""
    log = io.StringIO()
    logging.configure(options.service, options.version, stream=log)
    port, stop = ADAPTERS[adapter](options)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            client.get("/health/live")
            yield Served(adapter, port, client, log, Path(options.clients_file))
    finally:
        stop()
