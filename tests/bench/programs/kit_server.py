"""One small application on its framework's server, bare or with the kit: ``kit_server.py FRAMEWORK SIDE PORT``.

SIDE is bare, kit, or silent: the kit without logs, metrics and traces. Runs in the services' environment, with a
clients' file in ``BENCH_CLIENTS`` for the kit. The server is set up as the services set it up, for all sides alike.
``GET /nothing`` does nothing; ``POST /search`` takes and answers what a search does, from a list in memory.
"""

import os
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

FRAMEWORK, SIDE, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
THREADS = 16
TEXT = (
    "A passage of a document, of which a search shows about this much, so that a reader sees why it was found. "
    * 3
)


class Question(BaseModel):
    """What is looked for."""

    text: str = Field(max_length=2000)
    limit: int = Field(ge=1, le=50)
    project: str | None = None
    tags: list[str] = []


def search(question: Question) -> dict[str, Any]:
    """As many hits as are asked for."""
    hits = [
        {"id": number, "title": f"{question.text[:20]} {number}", "text": TEXT, "score": 1 / (number + 1)}
        for number in range(question.limit)
    ]
    return {"hits": hits, "total": 1000, "project": question.project}


def nothing() -> dict[str, Any]:
    """The least that can be answered."""
    return {"ok": True}


def options() -> Any:
    """Everything on; the rate is checked too, only never reached."""
    from garrison_kit.options import Options

    clients = Path(os.environ["BENCH_CLIENTS"])
    return Options(service="bench", version="1.0", clients_file=clients, rate=1e9, burst=10**9)


def set_up() -> None:
    """Logs and traces, as a service does first; silent, nothing that a request leaves behind is taken."""
    from garrison_kit import later, logging, tracing

    if SIDE == "silent":
        # The kit has no switch for it, and this is all that goes to its log, its counts and its spans.
        later.Later.add = lambda _self, _thing: None
    logging.configure("bench", "1.0")
    tracing.configure("bench", "1.0")


def fastapi() -> None:
    """FastAPI on uvicorn."""
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/nothing")
    async def get() -> dict[str, Any]:
        return nothing()

    @app.post("/search")
    async def post(question: Question) -> dict[str, Any]:
        return search(question)

    if SIDE != "bare":
        from garrison_kit import asgi

        set_up()
        asgi.install(app, options())
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_config=None, access_log=False, proxy_headers=False)


def flask() -> None:
    """Flask on gunicorn, one process of threads."""
    from flask import Flask, request
    from gunicorn.app.base import BaseApplication

    app = Flask("bench", static_folder=None)

    @app.get("/nothing")
    def get() -> dict[str, Any]:
        return nothing()

    @app.post("/search")
    def post() -> dict[str, Any]:
        return search(Question.model_validate(request.get_json()))

    if SIDE != "bare":
        from garrison_kit import gunicorn, wsgi

        wsgi.install(app, options())
        gunicorn.serve(app, "127.0.0.1", PORT, threads=THREADS, on_start=set_up)
        return

    class Server(BaseApplication):
        def load_config(self) -> None:
            chosen = {"bind": f"127.0.0.1:{PORT}", "workers": 1, "threads": THREADS, "keepalive": 75}
            for name, value in {**chosen, "worker_class": "gthread", "control_socket_disable": True}.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()


def aiohttp() -> None:
    """aiohttp on its own server."""
    from aiohttp import web

    app = web.Application()

    async def get(_: web.Request) -> web.Response:
        return web.json_response(nothing())

    async def post(request: web.Request) -> web.Response:
        return web.json_response(search(Question.model_validate_json(await request.read())))

    app.router.add_get("/nothing", get)
    app.router.add_post("/search", post)
    if SIDE != "bare":
        from garrison_kit.aiohttp import install

        set_up()
        install(app, options())
    web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)


{"fastapi": fastapi, "flask": flask, "aiohttp": aiohttp}[FRAMEWORK]()
