"""``python kit_traced.py fastapi|aiohttp PORT CLIENTS [URL OF THE NEXT]``: a service that calls the next one."""

import sys
from pathlib import Path

from garrison_kit import aiohttp as kit_aiohttp
from garrison_kit import asgi, logging, outbound, tracing
from garrison_kit.aiohttp_server import serve as serve_aiohttp
from garrison_kit.options import Options
from garrison_kit.uvicorn import serve as serve_fastapi

KEY = {"X-API-Key": "gk_reader"}


def main(framework: str, port: int, clients: str, following: str | None) -> None:
    """Serve until told to stop."""
    logging.configure(framework, "1.0")
    tracing.configure(framework, "1.0")
    options = Options(service=framework, version="1.0", clients_file=Path(clients), rate=10_000, burst=10_000)
    {"fastapi": run_fastapi, "aiohttp": run_aiohttp}[framework](options, port, following)


async def work(following: str | None) -> str:
    """Ask the next service, if there is one, within a span of one's own."""
    with tracing.span("work", kind="test"):
        if following is None:
            return "done"
        async with outbound.async_client(following, name="next") as client:
            answer = await client.get("/jobs/7?token=hush", headers=KEY)
            return answer.text


def run_fastapi(options: Options, port: int, following: str | None) -> None:
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/jobs/{number}")
    async def answer(number: int) -> str:
        del number
        return await work(following)

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("postgres://inside:secret@db")

    asgi.install(app, options)
    serve_fastapi(app, "127.0.0.1", port)


def run_aiohttp(options: Options, port: int, following: str | None) -> None:
    from aiohttp import web

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(await work(following))

    app = web.Application()
    app.router.add_get("/jobs/{number}", answer)
    kit_aiohttp.install(app, options)
    serve_aiohttp(app, "127.0.0.1", port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else None)
