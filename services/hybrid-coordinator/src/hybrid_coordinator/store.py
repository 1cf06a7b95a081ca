"""Reads and writes points in Qdrant; every call is bounded in time and goes through the breaker."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import httpx
import structlog
from garrison_kit.breaker import Breaker
from garrison_kit.dependency import calling
from garrison_kit.repeating import outlast_restart
from garrison_kit.secrets import read_secret
from pydantic import ValidationError
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from hybrid_coordinator.filters import Filter
from hybrid_coordinator.knowledge import ENTRIES, Collection, Entry
from hybrid_coordinator.ranking import Hit
from hybrid_coordinator.settings import Settings

_CONNECTIONS = 64
_BROKEN = frozenset({401, 403, 404, 408, 429})
Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")
_log = structlog.get_logger("hybrid_coordinator.store")


class UnusableAnswerError(OSError):
    """Qdrant answered with a status that says that it cannot serve now."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point as it is stored; the vector is left out where nobody asked for it."""

    id: str
    entry: Entry
    vector: list[float] | None = None


def open_qdrant(settings: Settings) -> AsyncQdrantClient:
    """A client for Qdrant; it connects when first asked. Raises SecretError."""
    return AsyncQdrantClient(
        url=settings.qdrant_url,
        # As api_key the client would warn of plain HTTP, which here stays in a network of two.
        headers={"api-key": read_secret("qdrant_key", settings.secrets_dir)},
        https=False,
        timeout=max(1, int(settings.qdrant_timeout)),
        limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
        trust_env=False,
        # It would ask from a thread at a moment when Qdrant may not be there yet.
        check_compatibility=False,
    )


async def answer_of(call: Awaitable[Answer]) -> Answer:
    """What ``call`` returns; its failures as OSError or httpx errors where they are Qdrant's and not ours."""
    try:
        return await call
    except ResponseHandlingException as error:
        raise error.source from error
    except UnexpectedResponse as error:
        if error.status_code in _BROKEN or (error.status_code or 500) >= 500:
            raise UnusableAnswerError(str(error)) from error
        raise


class Store:
    """Points of all collections. Each method raises DependencyError when Qdrant gives no usable answer."""

    def __init__(self, client: AsyncQdrantClient, breaker: Breaker, timeout: float) -> None:
        self._client, self._breaker, self._timeout = client, breaker, timeout

    async def search(
        self,
        collection: Collection,
        vector: list[float],
        *,
        limit: int,
        min_score: float | None = None,
        where: Filter | None = None,
    ) -> list[Hit]:
        """The nearest points, best first."""
        answer = await self._call(
            self._client.query_points,
            collection.value,
            query=vector,
            limit=limit,
            score_threshold=min_score,
            query_filter=where.build() if where else None,
            with_payload=True,
        )
        hits = []
        for point in answer.points:
            entry = _read_entry(collection, str(point.id), point.payload)
            if entry is not None:
                hits.append(
                    Hit(
                        collection=collection,
                        id=str(point.id),
                        similarity=point.score,
                        score=round(min(1.0, max(0.0, point.score)), 6),
                        entry=entry,
                    )
                )
        return hits

    async def fetch(
        self, collection: Collection, ids: Sequence[str], *, with_vectors: bool = False
    ) -> list[Point]:
        """The points with these ids that there are."""
        if not ids:
            return []
        records = await self._call(
            self._client.retrieve, collection.value, list(ids), with_payload=True, with_vectors=with_vectors
        )
        return _read_points(collection, records)

    async def scroll(
        self,
        collection: Collection,
        *,
        limit: int,
        where: Filter | None = None,
        after: str | None = None,
        with_vectors: bool = False,
    ) -> tuple[list[Point], str | None]:
        """One page in the order of ids, and where the next begins."""
        records, following = await self._call(
            self._client.scroll,
            collection.value,
            scroll_filter=where.build() if where else None,
            limit=limit,
            offset=after,
            with_payload=True,
            with_vectors=with_vectors,
        )
        return _read_points(collection, records), None if following is None else str(following)

    async def count(self, collection: Collection, where: Filter | None = None) -> int:
        """How many points there are, exactly."""
        answer = await self._call(
            self._client.count, collection.value, count_filter=where.build() if where else None, exact=True
        )
        return answer.count

    async def put(self, collection: Collection, points: Sequence[Point]) -> None:
        """Write points, over those with the same ids; returns when Qdrant has applied it."""
        structs = [
            models.PointStruct(id=point.id, vector=point.vector or [], payload=point.entry.model_dump())
            for point in points
        ]
        await self._call(self._client.upsert, collection.value, structs, wait=True)

    async def change(self, collection: Collection, point_id: str, values: dict[str, Any]) -> None:
        """Write some fields of a point and leave the others; returns when Qdrant has applied it."""
        await self._call(self._client.set_payload, collection.value, values, points=[point_id], wait=True)

    async def delete(self, collection: Collection, ids: Sequence[str]) -> None:
        """Delete points; those that aren't there are no error."""
        selector = models.PointIdsList(points=list(ids))
        await self._call(self._client.delete, collection.value, selector, wait=True)

    async def _call(
        self, ask: Callable[Asked, Awaitable[Answer]], *args: Asked.args, **options: Asked.kwargs
    ) -> Answer:
        async def once() -> Answer:
            async with asyncio.timeout(self._timeout):
                return await answer_of(ask(*args, **options))

        async with calling("qdrant", self._breaker, errors=(httpx.HTTPError, OSError)):
            # Points are read, or written by their ids: twice is as good as once.
            return await outlast_restart(once, self._breaker)


def _read_points(collection: Collection, records: Sequence[models.Record]) -> list[Point]:
    points = []
    for record in records:
        entry = _read_entry(collection, str(record.id), record.payload)
        if entry is not None:
            vector = record.vector if isinstance(record.vector, list) else None
            points.append(Point(id=str(record.id), entry=entry, vector=vector))  # type: ignore[arg-type] # one dense vector a point
    return points


def _read_entry(collection: Collection, point_id: str, payload: dict[str, Any] | None) -> Entry | None:
    try:
        return ENTRIES[collection].model_validate(payload or {})
    except ValidationError as error:
        # Written past this service; one such point must not make every search fail.
        _log.error("unreadable_point", collection=collection.value, id=point_id, faults=error.error_count())
        return None
