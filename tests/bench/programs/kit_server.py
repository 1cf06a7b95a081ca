"""One small application on its framework's server, bare or with the kit: ``kit_server.py FRAMEWORK SIDE PORT``.

Runs in the services' environment, with a clients' file in ``BENCH_CLIENTS`` for the kit. The server is set up as the
services set it up, for both sides alike.
"""

import logging as standard_logging
import os
import sys
from pathlib import Path
from typing import Any

FRAMEWORK, SIDE, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
THREADS = 16


def answer(number: int) -> dict[str, Any]:
    """What the one handler of all applications answers."""
    return {"number": number, "name": f"item {number}", "tags": ["one", "two", "three"], "is_known": True}


def options() -> Any:
    """Everything on; the rate is checked too, only never reached."""
    from garrison_kit.options import Options

    clients = Path(os.environ["BENCH_CLIENTS"])
    return Options(service="bench", version="1.0", clients_file=clients, rate=1e9, burst=10**9)


def with_kit() -> bool:
    """Whether this is that side; logs and traces are set up as a service does first."""
    if SIDE != "kit":
        standard_logging.getLogger().setLevel(standard_logging.WARNING)
        return False
    from garrison_kit import logging, tracing

    logging.configure("bench", "1.0")
    tracing.configure("bench", "1.0")
    return True


def fastapi() -> None:
    """FastAPI on uvicorn."""
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/items/{number}")
    async def item(number: int) -> dict[str, Any]:
        return answer(number)

    if with_kit():
        from garrison_kit import asgi

        asgi.install(app, options())
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_config=None, access_log=False, proxy_headers=False)


def flask() -> None:
    """Flask on gunicorn, one process of threads."""
    from flask import Flask
    from gunicorn.app.base import BaseApplication

    app = Flask("bench", static_folder=None)

    @app.get("/items/<int:number>")
    def item(number: int) -> dict[str, Any]:
        return answer(number)

    class Server(BaseApplication):
        def load_config(self) -> None:
            chosen = {"bind": f"127.0.0.1:{PORT}", "workers": 1, "threads": THREADS, "keepalive": 75}
            for name, value in {**chosen, "worker_class": "gthread", "control_socket_disable": True}.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            if with_kit():  # in the worker: a thread that sends spans doesn't outlive a fork
                from garrison_kit import wsgi

                wsgi.install(app, options())
            return app

    Server().run()


def aiohttp() -> None:
    """aiohttp on its own server."""
    from aiohttp import web

    app = web.Application()

    async def item(request: web.Request) -> web.Response:
        return web.json_response(answer(int(request.match_info["number"])))

    app.router.add_get("/items/{number}", item)
    if with_kit():
        from garrison_kit.aiohttp import install

        install(app, options())
    web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)


{"fastapi": fastapi, "flask": flask, "aiohttp": aiohttp}[FRAMEWORK]()
