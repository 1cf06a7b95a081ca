"""The routes, and what runs beside them: a thread that puts changes on the disk."""

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qdrant_stand_in import handlers, indexes, service, updates
from qdrant_stand_in.auth import KeyGate
from qdrant_stand_in.calls import Handler, endpoint, refuse
from qdrant_stand_in.config import Config
from qdrant_stand_in.errors import QdrantError
from qdrant_stand_in.handlers import update
from qdrant_stand_in.store import Store

log = logging.getLogger("qdrant_stand_in")
_ONE = "/collections/{name}"
_POINTS = f"{_ONE}/points"
_SERVED: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/collections", handlers.list_collections),
    ("POST", "/collections/aliases", handlers.change_aliases),
    ("GET", "/aliases", handlers.list_aliases),
    ("GET", "/telemetry", service.telemetry),
    ("GET", _ONE, handlers.get_collection),
    ("PUT", _ONE, handlers.create_collection),
    ("PATCH", _ONE, handlers.change_collection),
    ("DELETE", _ONE, handlers.delete_collection),
    ("GET", f"{_ONE}/exists", handlers.exists),
    ("GET", f"{_ONE}/aliases", handlers.list_aliases),
    ("PUT", f"{_ONE}/index", update(indexes.create)),
    ("DELETE", f"{_ONE}/index/{{field:path}}", handlers.delete_index),
    ("POST", f"{_ONE}/facet", handlers.facet),
    ("POST", _POINTS, handlers.retrieve),
    ("PUT", _POINTS, update(updates.upsert)),
    ("POST", f"{_POINTS}/delete", update(updates.delete)),
    ("POST", f"{_POINTS}/payload", update(updates.set_payload)),
    ("PUT", f"{_POINTS}/payload", update(updates.overwrite_payload)),
    ("POST", f"{_POINTS}/payload/delete", update(updates.delete_payload)),
    ("POST", f"{_POINTS}/payload/clear", update(updates.clear_payload)),
    ("PUT", f"{_POINTS}/vectors", update(updates.update_vectors)),
    ("POST", f"{_POINTS}/vectors/delete", update(updates.delete_vectors)),
    ("POST", f"{_POINTS}/batch", handlers.update_batch),
    ("POST", f"{_POINTS}/query", handlers.query),
    ("POST", f"{_POINTS}/query/batch", handlers.query_batch),
    ("POST", f"{_POINTS}/scroll", handlers.scroll),
    ("POST", f"{_POINTS}/count", handlers.count),
    ("GET", f"{_POINTS}/{{id}}", handlers.get_point),
)


def make_app(config: Config) -> Starlette:
    """The application. Its storage is opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        store = await run_in_threadpool(Store, config.storage_path)
        app.state.store = store
        done = threading.Event()
        flusher = threading.Thread(target=_flush_on, args=(store, config.flush_interval, done), daemon=True)
        flusher.start()
        yield
        done.set()
        await run_in_threadpool(store.close)

    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(service.Counting),
            Middleware(KeyGate, keys=(config.api_key, config.alt_api_key), reader=config.read_only_api_key),
        ],
        exception_handlers={HTTPException: _http_error, Exception: _own_error},
        lifespan=life,
    )
    app.state.max_request_size = config.max_request_size
    return app


def _routes() -> list[BaseRoute]:
    open_routes = [
        Route("/", service.version),
        Route("/healthz", service.healthy),
        Route("/livez", service.healthy),
        Route("/readyz", service.ready),
        Route("/metrics", service.metrics),
    ]
    served = [Route(path, endpoint(handler), methods=[method]) for method, path, handler in _SERVED]
    rest = Route(
        f"{_ONE}/{{rest:path}}",
        endpoint(handlers.not_served),
        methods=["GET", "PUT", "POST", "PATCH", "DELETE"],
    )
    return [*open_routes, *served, rest]


def _flush_on(store: Store, seconds: float, done: threading.Event) -> None:
    while not done.wait(seconds):
        try:
            store.flush()
        except Exception:
            log.exception("what has changed can't be put on the disk")


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return Response(status_code=error.status_code)


async def _own_error(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    wrong = QdrantError("Service internal error: the stand-in failed; its log says how")
    wrong.status = 500
    return refuse(wrong, time.perf_counter())
