"""A service with tools, on FastAPI and on aiohttp, each on a real server; what their tools do is all here."""

import asyncio
import io
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import httpx
import httpx2
import structlog
from aiohttp import web
from fastapi import FastAPI
from garrison_kit import aiohttp as kit_aiohttp
from garrison_kit import asgi, clients, logging, request_id, tracing
from garrison_kit.mcp import Tools
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from kit_processes import serve_aiohttp_app, serve_asgi
from kit_servers import Served
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pydantic import BaseModel, Field

READER, WRITER, SERVICE_KEY = (
    "gk_reader",
    "gk_writer",
    "5" * 64,
)  # anna's, bert's and the services', as in conftest.py
# One for all: making it takes longer than a call.
_TLS = ssl.create_default_context()
Result = TypeVar("Result")
_log = structlog.get_logger("demo.tools")


class Found(BaseModel):
    """What a search answers."""

    text: str
    score: float


def make_tools() -> Tools:
    """One tool of every kind that matters."""
    tools = Tools("demo", "9.9", "A demonstration: search first.")

    @tools.tool(scope="read")
    async def search(
        query: Annotated[str, Field(description="What to look for", min_length=1)],
        limit: Annotated[int, Field(description="How many at most", ge=1, le=10)] = 3,
    ) -> list[Found]:
        """Find texts."""
        return [Found(text=query, score=1 / number) for number in range(1, limit + 1)]

    @tools.tool(scope="read")
    async def whoami(
        pause: Annotated[float, Field(description="Seconds to wait first")] = 0,
    ) -> dict[str, str]:
        """Say who asks, in which request and trace."""
        await asyncio.sleep(pause)
        client = clients.current()
        _log.info("asked", place="tool")
        in_thread = await asyncio.to_thread(request_id.current)
        return {
            "client": client.name if client else "",
            "request_id": request_id.current() or "",
            "in_thread": in_thread or "",
            "trace_id": tracing.current_trace_id() or "",
        }

    @tools.tool(scope="write")
    async def remember(text: Annotated[str, Field(description="What to keep")]) -> str:
        """Keep a text."""
        return f"kept {text}"

    @tools.tool(scope="read", name="missing_document")
    async def missing() -> str:
        """Ask for what isn't there."""
        raise HttpProblemError(404, "There is no such document.")

    @tools.tool(scope="read")
    async def sleep(seconds: Annotated[float, Field(description="How long")]) -> str:
        """Sleep, and say in the log when woken."""
        _log.info("asleep")
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            _log.info("woken")
            raise
        return "slept"

    @tools.tool(scope="read")
    async def crash() -> str:
        """Fail in a way that nobody foresaw."""
        raise RuntimeError("postgres://inside:secret@db")

    return tools


def fastapi_app(options: Options) -> FastAPI:
    app = FastAPI()
    make_tools().mount_asgi(app)
    asgi.install(app, options)
    return app


def aiohttp_app(options: Options) -> web.Application:
    app = web.Application()
    make_tools().mount_aiohttp(app)
    kit_aiohttp.install(app, options)
    return app


@dataclass(frozen=True)
class ServedTools(Served):
    """As Served, and ``stop`` ends the server as a signal would; calling it again does nothing."""

    stop: Callable[[], None]


@contextmanager
def serving_tools(framework: str, options: Options) -> Iterator[ServedTools]:
    """The tools on the framework named, on its real server, with the log of the process in ``log``."""
    log = io.StringIO()
    logging.configure(options.service, options.version, stream=log)
    start = {
        "fastapi": lambda: serve_asgi(fastapi_app(options)),
        "aiohttp": lambda: serve_aiohttp_app(aiohttp_app(options)),
    }
    port, stop = start[framework]()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield ServedTools(framework, port, client, log, Path(options.clients_file), stop)
    finally:
        stop()


async def use_tools(
    port: int,
    key: str,
    use: Callable[[Client], Awaitable[Result]],
    mode: Literal["auto", "legacy"] = "auto",
    **headers: str,
) -> Result:
    """Connect the official client, with a key, and hand it to ``use``."""
    sent = {"X-API-Key": key, **headers}
    async with (
        httpx2.AsyncClient(headers=sent, trust_env=False, verify=_TLS) as http,
        Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http), mode=mode) as client,
    ):
        return await use(client)
