"""Puts the service together: settings in, application out."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from garrison_kit import asgi, embedding
from garrison_kit.health import Check
from garrison_kit.options import Options

from aidb.embeddings import Embedder
from aidb.mcp_tools import make_tools
from aidb.remote.fetch import Fetcher
from aidb.routes import documents, skills, telemetry, tools, vectors
from aidb.schema import read_dimension
from aidb.service import Clients, Service, make_service, open_clients
from aidb.settings import Settings
from aidb.startup import Startup

SERVICE, VERSION = "aidb", "0.1.0"
MAX_BODY = 8 * 1024 * 1024


def _checks(clients: Clients, embedder: Embedder, startup: Startup) -> tuple[Check, ...]:
    async def ask_postgres() -> None:
        startup.check()
        async with clients.side.connect() as connection:
            embedder.column = await read_dimension(connection)

    async def ask_redis() -> None:
        await clients.redis.ping()

    return (
        Check(name="postgres", run=ask_postgres, timeout=2.0),
        Check(name="redis", run=ask_redis, timeout=1.0),
        Check(name="embeddings", run=embedder.check, timeout=3.0),
    )


def _give_up() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def create_app(settings: Settings, fetcher: Fetcher | None = None) -> FastAPI:
    """The application. Raises SecretError, ClientsError or SettingsError when it must not start."""
    clients = open_clients(settings)
    embedder = Embedder(clients.embeddings, embedding.expected(), settings.embeddings_batch)
    startup = Startup(clients.engine, embedder, settings.startup_patience, _give_up)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        service.begin()
        yield
        installed.readiness.stop()
        await service.stop()

    app = FastAPI(title=SERVICE, version=VERSION, lifespan=live, docs_url=None, redoc_url=None)
    installed = asgi.install(
        app,
        Options(
            service=SERVICE,
            version=VERSION,
            clients_file=settings.clients_file,
            secrets_dir=settings.secrets_dir,
            max_body=MAX_BODY,
            max_seconds=settings.request_patience,
            rate=settings.rate,
            burst=int(2 * settings.rate),
            checks=_checks(clients, embedder, startup),
        ),
    )
    service: Service = make_service(
        settings,
        clients,
        embedder,
        startup,
        installed.metrics.registry,
        fetcher or Fetcher(settings.import_hosts),
    )
    app.state.service = service
    for routes in (documents, vectors, skills, tools, telemetry):
        app.include_router(routes.router)
    make_tools(service, VERSION).mount_asgi(app)
    return app
