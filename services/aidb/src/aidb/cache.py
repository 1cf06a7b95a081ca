"""Keeps the vectors of queries in Redis; without Redis every query is simply embedded again."""

import asyncio
import hashlib
import time
from array import array

import redis.asyncio
import structlog
from prometheus_client import CollectorRegistry, Counter
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from aidb.settings import Settings
from aidb.tables import DIMENSION

_PATIENCE = 0.25
_REST = 5.0
_log = structlog.get_logger("aidb.cache")


def open_redis(settings: Settings, password: str) -> redis.asyncio.Redis:
    """A client for Redis; it connects when first asked."""
    return redis.asyncio.Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        username=settings.redis_user,
        password=password,
        socket_timeout=1.0,
        socket_connect_timeout=1.0,
        retry=Retry(NoBackoff(), 0),
    )


class QueryCache:
    """Vectors by model and text. No method raises for a Redis that fails: it rests a while, then asks again."""

    def __init__(self, client: redis.asyncio.Redis, lifetime: int, registry: CollectorRegistry) -> None:
        self._client = client
        self._lifetime = lifetime
        self._rests_until = 0.0
        self._lookups = Counter(
            "aidb_query_cache_lookups", "Looked up query vectors", ("result",), registry=registry
        )

    async def get(self, model: str, text: str) -> list[float] | None:
        """The vector kept for a text, or None."""
        found: bytes | str | None = None
        if time.monotonic() >= self._rests_until:
            try:
                async with asyncio.timeout(_PATIENCE):
                    found = await self._client.get(_key(model, text))
            except (RedisError, OSError) as error:
                self._rest(error)
        vector = _unpack(found)
        failed = time.monotonic() < self._rests_until
        self._lookups.labels("hit" if vector else "failed" if failed else "miss").inc()
        return vector

    async def put(self, model: str, text: str, vector: list[float]) -> None:
        """Keep the vector of a text."""
        if time.monotonic() < self._rests_until:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._client.set(_key(model, text), array("f", vector).tobytes(), ex=self._lifetime)
        except (RedisError, OSError) as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        self._rests_until = time.monotonic() + _REST
        _log.warning("query_cache_failed", reason=f"{type(error).__name__}: {error}", rests_seconds=_REST)


def _key(model: str, text: str) -> str:
    return f"aidb:query:{hashlib.sha256(model.encode() + b' ' + text.encode()).hexdigest()}"


def _unpack(found: bytes | str | None) -> list[float] | None:
    if not isinstance(found, bytes) or len(found) != DIMENSION * 4:
        return None
    return array("f", found).tolist()
