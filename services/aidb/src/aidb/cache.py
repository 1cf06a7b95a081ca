"""Keeps the vectors of queries in Redis; without Redis every query is simply embedded again."""

import hashlib
from array import array

import redis.asyncio
from garrison_kit.breaker import Breaker
from garrison_kit.dependency import DependencyError, calling
from garrison_kit.embedding import Expected
from prometheus_client import CollectorRegistry, Counter
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from aidb.settings import Settings

_PATIENCE, _LAST_PATIENCE = 0.25, 1.0


def open_redis(settings: Settings, password: str) -> redis.asyncio.Redis:
    """A client for Redis; it connects when first asked."""
    return redis.asyncio.Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        username=settings.redis_user,
        password=password,
        socket_timeout=_LAST_PATIENCE,
        socket_connect_timeout=_LAST_PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


class QueryCache:
    """Vectors of the agreed model by text. No method raises for a Redis that fails or is away."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        expected: Expected,
        lifetime: int,
        registry: CollectorRegistry,
    ) -> None:
        self._client = client
        self._expected = expected
        self._lifetime = lifetime
        # One lost answer in a row of them is enough: each costs the search that waits for it.
        self._breaker = Breaker("redis", failures=2)
        # Where nothing else can answer, a Redis that was slow is asked all the same: being slow it is not away.
        self._last_breaker = Breaker("redis")
        self._lookups = Counter(
            "aidb_query_cache_lookups", "Looked up query vectors", ("result",), registry=registry
        )

    async def get(self, text: str) -> list[float] | None:
        """The vector kept for a text, or None; a Redis that takes long is passed over: embedding takes no longer."""
        return await self._look_up(text, self._breaker, _PATIENCE)

    async def get_patiently(self, text: str) -> list[float] | None:
        """The same once nobody can embed the text: Redis has longer, whatever it did a moment ago."""
        return await self._look_up(text, self._last_breaker, _LAST_PATIENCE)

    async def _look_up(self, text: str, breaker: Breaker, patience: float) -> list[float] | None:
        try:
            async with calling("redis", breaker, timeout=patience, errors=(RedisError, OSError)):
                found = await self._client.get(self._key(text))
        except DependencyError:
            self._lookups.labels("failed").inc()
            return None
        vector = self._unpack(found)
        self._lookups.labels("hit" if vector else "miss").inc()
        return vector

    async def put(self, text: str, vector: list[float]) -> None:
        """Keep the vector of a text."""
        packed = array("f", vector).tobytes()
        try:
            async with calling("redis", self._breaker, timeout=_PATIENCE, errors=(RedisError, OSError)):
                await self._client.set(self._key(text), packed, ex=self._lifetime)
        except DependencyError:
            return

    def _key(self, text: str) -> str:
        of = f"{self._expected.model} {self._expected.dimension} {text}"
        return f"aidb:query:{hashlib.sha256(of.encode()).hexdigest()}"

    def _unpack(self, found: object) -> list[float] | None:
        if not isinstance(found, bytes) or len(found) != self._expected.dimension * 4:
            return None
        return array("f", found).tolist()
