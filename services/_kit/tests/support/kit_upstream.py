"""A real HTTP server to call, and the two ways to call it."""

import asyncio
import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from garrison_kit import outbound


@dataclass
class Upstream:
    """A real HTTP server that answers with the statuses it was told, then 200, and remembers the headers."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    delay: float = 0.0
    retry_after: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def handler_for(upstream: Upstream) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            upstream.seen.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(upstream.delay)
            status = upstream.statuses.pop(0) if upstream.statuses else 200
            body = json.dumps({"status": status}).encode()
            self.send_response(status)
            if upstream.retry_after:
                self.send_header("Retry-After", upstream.retry_after)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):
                self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - its name there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Nothing: the test reads what was seen."""

    return Handler


@contextmanager
def serving_upstream() -> Iterator[Upstream]:
    """One on loopback, for the time of the block."""
    upstream = Upstream()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(upstream))
    upstream.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Call = Callable[..., httpx.Response]


def call_sync(
    url: str, method: str = "GET", options: dict[str, Any] | None = None, **given: Any
) -> httpx.Response:
    with outbound.client(url, **given) as client:
        return client.request(method, "/", **(options or {}))


def call_async(
    url: str, method: str = "GET", options: dict[str, Any] | None = None, **given: Any
) -> httpx.Response:
    async def call() -> httpx.Response:
        async with outbound.async_client(url, **given) as client:
            return await client.request(method, "/", **(options or {}))

    return asyncio.run(call())


CALLS = {"threads": call_sync, "asyncio": call_async}
