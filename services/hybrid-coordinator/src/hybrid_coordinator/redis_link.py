"""Calls to Redis, bounded in time and through the breaker; what must survive waits for its file to be synced."""

from collections.abc import Sequence
from typing import Any

import redis.asyncio
from garrison_kit.breaker import Breaker
from garrison_kit.dependency import DependencyError, calling
from garrison_kit.secrets import read_secret
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from hybrid_coordinator.settings import Settings

NAME = "redis"
_PREFIX = "hybrid-coordinator:"
_CONNECTIONS = 64
# Redis syncs its append-only file once a second; twice that is too long.
_SYNC_MILLISECONDS = 2500
Command = tuple[Any, ...]


def key(*parts: str) -> str:
    """A key in this service's own space."""
    return _PREFIX + ":".join(parts)


def open_redis(settings: Settings) -> redis.asyncio.Redis:
    """A client for Redis; it connects when first asked. Raises SecretError."""
    # A write may wait for the sync of the file, so the socket waits longer than a call does otherwise.
    patience = settings.redis_timeout + _SYNC_MILLISECONDS / 1000
    pool = redis.asyncio.BlockingConnectionPool(
        host=settings.redis_host,
        port=settings.redis_port,
        username=settings.redis_user,
        password=read_secret("redis_hybrid_coordinator_password", settings.secrets_dir),
        socket_timeout=patience,
        socket_connect_timeout=settings.redis_timeout,
        max_connections=_CONNECTIONS,
        # Who finds all of them in use waits for one: that says nothing about Redis, and must not open its breaker.
        timeout=settings.redis_timeout,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
    )
    return redis.asyncio.Redis.from_pool(pool)


class Link:
    """Each method raises DependencyError when Redis doesn't answer or doesn't do as told."""

    def __init__(self, client: redis.asyncio.Redis, breaker: Breaker, timeout: float) -> None:
        self._client, self._breaker, self._timeout = client, breaker, timeout

    async def do(self, *command: Any) -> Any:
        """One command's answer."""
        async with self._calling(self._timeout):
            return await self._client.execute_command(*command)  # type: ignore[no-untyped-call] # not annotated there

    async def do_all(self, commands: Sequence[Command], *, atomic: bool = False) -> list[Any]:
        """Several commands in one round trip; ``atomic``: all or none, and nothing between them."""
        async with self._calling(self._timeout), self._client.pipeline(transaction=atomic) as pipe:
            for command in commands:
                pipe.execute_command(*command)
            return list(await pipe.execute())

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Run a Lua script, which nothing interrupts."""
        return await self.do("EVAL", script, len(keys), *keys, *arguments)

    async def do_durably(self, commands: Sequence[Command]) -> list[Any]:
        """As ``do_all``, and returns only when Redis has synced the commands to its disk."""
        async with (
            self._calling(self._timeout + _SYNC_MILLISECONDS / 1000),
            self._client.pipeline(transaction=False) as pipe,
        ):
            for command in commands:
                pipe.execute_command(*command)
            pipe.execute_command("WAITAOF", 1, 0, _SYNC_MILLISECONDS)
            *answers, synced = await pipe.execute()
        if synced[0] < 1:
            raise DependencyError(NAME, "timeout")
        return list(answers)

    async def check(self) -> None:
        """For readiness, past the breaker: Redis answers, and keeps an append-only file."""
        # On a connection that has written nothing it returns at once, or fails where there is no such file.
        await self._client.execute_command("WAITAOF", 1, 0, 1)  # type: ignore[no-untyped-call] # not annotated there

    def _calling(self, timeout: float) -> calling:
        return calling(NAME, self._breaker, timeout=timeout, errors=(RedisError, OSError))
