"""Puts the service together: settings in, application out."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Never

from fastapi import FastAPI, Request
from garrison_kit import asgi
from garrison_kit.health import Check
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from aidb.cache import QueryCache
from aidb.database import ping
from aidb.embeddings import Embedder
from aidb.imports import Importer
from aidb.routes import documents, vectors
from aidb.service import Clients, Service, open_clients
from aidb.settings import Settings
from aidb.startup import Startup

SERVICE, VERSION = "aidb", "0.1.0"
MAX_BODY = 8 * 1024 * 1024


def _checks(clients: Clients, embedder: Embedder, startup: Startup) -> tuple[Check, ...]:
    async def ask_postgres() -> None:
        await ping(clients.probe)
        startup.check()

    async def ask_redis() -> None:
        await clients.redis.ping()

    return (
        Check(name="postgres", run=ask_postgres, timeout=2.0),
        Check(name="redis", run=ask_redis, timeout=1.0),
        Check(name="embeddings", run=embedder.check, timeout=2.0),
    )


def _give_up() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises SecretError or ClientsError when it must not start."""
    clients = open_clients(settings)
    embedder = Embedder(clients.embeddings, settings.embeddings_batch)
    startup = Startup(clients.engine, settings.startup_patience, _give_up)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        startup.begin()
        yield
        installed.readiness.stop()
        await startup.stop()
        await clients.close()

    app = FastAPI(title=SERVICE, version=VERSION, lifespan=live, docs_url=None, redoc_url=None)
    installed = asgi.install(
        app,
        Options(
            service=SERVICE,
            version=VERSION,
            clients_file=settings.clients_file,
            secrets_dir=settings.secrets_dir,
            max_body=MAX_BODY,
            checks=_checks(clients, embedder, startup),
        ),
    )
    app.state.service = Service(
        settings=settings,
        clients=clients,
        embedder=embedder,
        importer=Importer(clients.engine, embedder),
        cache=QueryCache(clients.redis, settings.cache_lifetime, installed.metrics.registry),
        startup=startup,
    )
    app.include_router(documents.router)
    app.include_router(vectors.router)
    for error in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(error, _on_lost_database)
    return app


async def _on_lost_database(_: Request, error: Exception) -> Never:
    reason = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
    problem = HttpProblemError(503, f"The database gave no answer ({reason}).", headers={"Retry-After": "5"})
    raise problem from error
