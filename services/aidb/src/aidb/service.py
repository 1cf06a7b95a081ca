"""The parts of the running service, opened together and closed together."""

from dataclasses import dataclass

import httpx
import redis.asyncio
from fastapi import Request
from garrison_kit.outbound import async_client
from garrison_kit.secrets import read_secret
from sqlalchemy.ext.asyncio import AsyncEngine

from aidb.cache import QueryCache, open_redis
from aidb.database import open_database
from aidb.embeddings import Embedder
from aidb.imports import Importer
from aidb.settings import Settings
from aidb.startup import Startup


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Connections to what the service needs; they connect when first asked."""

    engine: AsyncEngine
    probe: AsyncEngine
    redis: redis.asyncio.Redis
    embeddings: httpx.AsyncClient

    async def close(self) -> None:
        """Close all."""
        await self.embeddings.aclose()
        await self.redis.aclose()
        await self.probe.dispose()
        await self.engine.dispose()


def open_clients(settings: Settings) -> Clients:
    """Raises SecretError when a secret cannot be read: without its secrets the service must not start."""
    password = read_secret("postgres_aidb_password", settings.secrets_dir)
    return Clients(
        engine=open_database(settings, password, pool=settings.postgres_pool),
        # Readiness has a connection of its own: a busy pool is no reason to be taken out of service.
        probe=open_database(settings, password, pool=1),
        redis=open_redis(settings, read_secret("redis_aidb_password", settings.secrets_dir)),
        embeddings=async_client(
            settings.embeddings_url,
            key_secret="embeddings_key",  # noqa: S106 - the secret's name
            secrets_dir=settings.secrets_dir,
            timeout=settings.embeddings_timeout,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Service:
    """What handlers work with."""

    settings: Settings
    clients: Clients
    embedder: Embedder
    importer: Importer
    cache: QueryCache
    startup: Startup

    async def embed_query(self, text: str) -> list[float]:
        """The vector of a query, from the cache where it is known. Raises EmbeddingsUnavailableError."""
        model = (await self.embedder.model()).name
        vector = await self.cache.get(model, text)
        if vector is None:
            [vector] = await self.embedder.embed([text])
            await self.cache.put(model, text, vector)
        return vector


def get_service(request: Request) -> Service:
    """The service of a request, for FastAPI's Depends. Raises HttpProblemError while it isn't ready to work."""
    service: Service = request.app.state.service
    service.startup.require()
    return service
