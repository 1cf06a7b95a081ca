"""A service with tools, on FastAPI and on aiohttp, each on a real server; what their tools do is all here."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Annotated, Any

import structlog
import uvicorn
from fastapi import FastAPI
from garrison_kit import asgi, clients, request_id, tracing
from garrison_kit.mcp import Tools
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from pydantic import BaseModel, Field

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
    async def crash() -> str:
        """Fail in a way that nobody foresaw."""
        raise RuntimeError("postgres://inside:secret@db")

    return tools


def serve_fastapi(options: Options) -> tuple[int, Callable[[], None]]:
    """On uvicorn. Returns the port and what stops it."""
    app = FastAPI()
    make_tools().mount_asgi(app)
    asgi.install(app, options)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()
        listener.close()

    return listener.getsockname()[1], stop


def serve_aiohttp(options: Options) -> tuple[int, Callable[[], None]]:
    """On aiohttp's own server. Returns the port and what stops it."""
    from aiohttp import web
    from garrison_kit import aiohttp as kit

    app = web.Application()
    make_tools().mount_aiohttp(app)
    kit.install(app, options)
    return serve_aiohttp_app(app)


def serve_aiohttp_app(app: Any) -> tuple[int, Callable[[], None]]:
    """Serve any aiohttp application from a thread. Returns the port and what stops it."""
    from aiohttp import web

    started: threading.Event = threading.Event()
    state: dict[str, Any] = {}

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        state["port"] = runner.addresses[0][1]
        state["loop"], state["stop"] = asyncio.get_running_loop(), asyncio.Event()
        started.set()
        await state["stop"].wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started.wait(10)

    def stop() -> None:
        state["loop"].call_soon_threadsafe(state["stop"].set)
        thread.join()

    return state["port"], stop
