"""A clients' file with three keys, and both adapters serving the same small application on loopback."""

import hashlib
import io
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from flask import Flask, request
from garrison_kit import asgi, logging, wsgi
from garrison_kit.gate import accepts, requires
from garrison_kit.health import Check, NotReadyError
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from garrison_kit.text import Text
from pydantic import BaseModel, ValidationError
from werkzeug.serving import WSGIRequestHandler, make_server

READER, WRITER, SERVICE_KEY = "gk_reader", "gk_writer", "5" * 64
MAX_BODY = 4096


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def clients_document() -> dict[str, object]:
    """Anna may read, bert may read and write and has two keys at once."""
    return {
        "version": 1,
        "clients": [
            {"name": "anna", "scopes": ["read"], "keys": [{"id": "k1", "sha256": digest(READER)}]},
            {
                "name": "bert",
                "scopes": ["read", "write"],
                "keys": [{"id": "k2", "sha256": digest(WRITER)}, {"id": "k3", "sha256": digest("gk_new")}],
            },
        ],
    }


@pytest.fixture
def clients_file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.json"
    path.write_text(json.dumps(clients_document()))
    return path


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Options:
    folder = tmp_path_factory.mktemp("run")
    (folder / "demo_key").write_text(SERVICE_KEY)
    (folder / "clients.json").write_text(json.dumps(clients_document()))
    return Options(
        service="demo",
        version="9.9",
        clients_file=folder / "clients.json",
        secrets_dir=folder,
        service_key_secret="demo_key",
        max_body=MAX_BODY,
        rate=math.inf,
        checks=(Check(name="store", run=lambda: None), Check(name="cache", run=cache_is_away)),
    )


def cache_is_away() -> None:
    raise NotReadyError("cold")


class Note(BaseModel):
    text: Text


def fastapi_app(options: Options) -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/notes")

    @router.post("/search")
    @requires("read")
    def search(note: Note) -> dict[str, str]:
        return {"text": note.text}

    @router.post("/{number}")
    async def write(number: int, note: Note) -> dict[str, object]:
        return {"number": number, "text": note.text}

    @router.get("/{number}")
    async def read(number: int) -> dict[str, int]:
        return {"number": number}

    @app.get("/boom")
    def boom() -> None:
        raise RuntimeError("postgres://inside:secret@db")

    @app.post("/plain")
    @accepts("text/plain")
    def plain() -> str:
        return "taken"

    app.include_router(router)
    asgi.install(app, options)
    return app


def flask_app(options: Options) -> Flask:
    app = Flask("demo", static_folder=None)

    def note() -> Note:
        try:
            return Note.model_validate(request.get_json())
        except ValidationError as error:
            raise HttpProblemError(422, "The note has no usable text.") from error

    @app.post("/notes/search")
    @requires("read")
    def search() -> dict[str, str]:
        return {"text": note().text}

    @app.post("/notes/<int:number>")
    def write(number: int) -> dict[str, object]:
        return {"number": number, "text": note().text}

    @app.get("/notes/<int:number>")
    def read(number: int) -> dict[str, int]:
        return {"number": number}

    @app.get("/boom")
    def boom() -> None:
        raise RuntimeError("postgres://inside:secret@db")

    @app.post("/plain")
    @accepts("text/plain")
    def plain() -> str:
        return "taken"

    wsgi.install(app, options)
    return app


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
    server = uvicorn.Server(uvicorn.Config(fastapi_app(options), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()
        listener.close()

    return listener.getsockname()[1], stop


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


@pytest.fixture(scope="module", params=["fastapi", "flask"])
def served(request: pytest.FixtureRequest, options: Options) -> Iterator[Served]:
    log = io.StringIO()
    logging.configure("demo", "9.9", stream=log)
    start = {"fastapi": serve_fastapi, "flask": serve_flask}[request.param]
    port, stop = start(options)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            client.get("/health/live")
            yield Served(request.param, port, client, log, Path(options.clients_file))
    finally:
        stop()
