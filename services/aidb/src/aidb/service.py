"""The parts of the running service, opened together and closed together."""

from dataclasses import dataclass

import redis.asyncio
from fastapi import Request
from garrison_kit.outbound import AsyncClient, async_client
from garrison_kit.problems import HttpProblemError
from garrison_kit.secrets import read_secret
from prometheus_client import CollectorRegistry
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from aidb.cache import QueryCache, open_redis
from aidb.database import Database, open_engine
from aidb.embeddings import Embedder
from aidb.fields import MAX_CONTENT
from aidb.finder import Finder
from aidb.imports import Importer
from aidb.library import Library
from aidb.reembedding import Reembedding
from aidb.remote.fetch import Fetcher
from aidb.requests import DocumentImport, UrlImport
from aidb.settings import Settings
from aidb.skills.registry import Skills
from aidb.startup import Startup
from aidb.telemetry.recorder import Recorder
from aidb.telemetry.retention import Retention
from aidb.telemetry.summary import Summary, summarize
from aidb.tools.registry import Tools


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Connections to what the service needs; they connect when first asked."""

    engine: AsyncEngine
    side: AsyncEngine
    redis: redis.asyncio.Redis
    embeddings: AsyncClient

    async def close(self) -> None:
        """Close all."""
        await self.embeddings.aclose()
        await self.redis.aclose()
        await self.side.dispose()
        await self.engine.dispose()


def open_clients(settings: Settings) -> Clients:
    """Raises SecretError when a secret cannot be read: without its secrets the service must not start."""
    password = read_secret("postgres_aidb_password", settings.secrets_dir)
    return Clients(
        engine=open_engine(
            settings, password, pool=settings.postgres_pool, pool_timeout=settings.read_patience
        ),
        # Readiness and telemetry have connections of their own: a busy pool is no reason to be taken out of service.
        side=open_engine(settings, password, pool=2, pool_timeout=2.0),
        redis=open_redis(settings, read_secret("redis_aidb_password", settings.secrets_dir)),
        embeddings=async_client(
            settings.embeddings_url,
            name="embeddings",
            key_secret="embeddings_aidb_password",  # noqa: S106 - the secret's name
            # Vectors are how a request is fulfilled, whatever the client may do with embeddings itself.
            for_client=False,
            secrets_dir=settings.secrets_dir,
            timeout=settings.embeddings_timeout,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Service:
    """What handlers and MCP tools work with."""

    clients: Clients
    database: Database
    embedder: Embedder
    recorder: Recorder
    fetcher: Fetcher
    importer: Importer
    reembedding: Reembedding
    library: Library
    finder: Finder
    skills: Skills
    tools: Tools
    startup: Startup

    async def summarize(self, hours: int) -> Summary:
        """What was asked in the last ``hours``."""
        async with self.database.read() as connection:
            return await summarize(connection, hours)

    async def fetch_document(self, request: UrlImport) -> DocumentImport:
        """The document at a URL. Raises HttpProblemError where it may not be fetched, or cannot be one."""
        fetched = await self.fetcher.fetch(request.url, MAX_CONTENT)
        try:
            return DocumentImport(
                project=request.project,
                path=request.path or fetched.url,
                title=request.title or fetched.url,
                content=fetched.text,
                content_type=fetched.content_type,
                collection=request.collection,
                metadata={**request.metadata, "source_url": fetched.url},
            )
        except ValidationError as error:
            raise HttpProblemError(422, f"What the URL holds: {error.errors()[0]['msg']}.") from error

    def begin(self) -> None:
        """Start what works in the background."""
        self.startup.begin()
        self.recorder.begin()

    async def stop(self) -> None:
        """Stop it, store what waits, close the connections."""
        await self.startup.stop()
        await self.reembedding.stop()
        await self.recorder.stop()
        await self.clients.close()


def make_service(
    settings: Settings,
    clients: Clients,
    embedder: Embedder,
    startup: Startup,
    registry: CollectorRegistry,
    fetcher: Fetcher,
) -> Service:
    """Put the parts together."""
    expected = embedder.expected
    database = Database(
        clients.engine, read_seconds=settings.read_patience, write_seconds=settings.write_patience
    )
    retention = Retention(days=settings.telemetry_days, rows=settings.telemetry_rows)
    recorder = Recorder(clients.side, retention, registry)
    cache = QueryCache(clients.redis, expected, settings.cache_lifetime, registry)
    importer = Importer(database, embedder, recorder)
    return Service(
        clients=clients,
        database=database,
        embedder=embedder,
        recorder=recorder,
        fetcher=fetcher,
        importer=importer,
        reembedding=Reembedding(database, importer, embedder),
        library=Library(database, embedder, recorder),
        finder=Finder(database, embedder, cache, recorder, settings.exact_limit),
        skills=Skills(database, fetcher, recorder),
        tools=Tools(database, recorder),
        startup=startup,
    )


def get_service(request: Request) -> Service:
    """The service of a request, for FastAPI's Depends. Raises HttpProblemError while it isn't ready to work."""
    service: Service = request.app.state.service
    service.startup.require()
    return service
