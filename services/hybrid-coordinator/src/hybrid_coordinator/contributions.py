"""Takes knowledge in: the same source sent again replaces what was there, and what is unchanged costs nothing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from garrison_kit.problems import HttpProblemError

from hybrid_coordinator.embedder import Embedder
from hybrid_coordinator.knowledge import KNOWLEDGE, Collection, Scalar, make_id
from hybrid_coordinator.locks import Locks
from hybrid_coordinator.sessions import now
from hybrid_coordinator.splitting import split
from hybrid_coordinator.store import Point, Store

Status = Literal["created", "updated", "unchanged"]
_MOST_PARTS = 64


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a client gives; ``source`` is what makes it the same, the title where there is none."""

    collection: Collection
    title: str
    content: str
    source: str | None
    metadata: Mapping[str, Scalar]

    @property
    def document(self) -> str:
        """The id of the document."""
        return make_id("document", self.collection.value, self.source or self.title)

    @property
    def digest(self) -> str:
        """Of all that is stored of it."""
        whole = json.dumps([self.title, self.content, dict(self.metadata)], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of it; the ids are those of its parts."""

    document: str
    status: Status
    ids: list[str]


def _part_ids(document: str, first: int, end: int) -> list[str]:
    return [make_id("part", document, str(number)) for number in range(first, end)]


class Contributions:
    """Stores contributions as points."""

    def __init__(self, embedder: Embedder, store: Store, locks: Locks) -> None:
        self._embedder, self._store, self._locks = embedder, store, locks

    async def store(self, client: str, given: Contribution) -> Stored:
        """Store it; returns when Qdrant has applied it. Raises DependencyError."""
        async with self._locks.hold(given.document):
            [*known] = await self._store.fetch(given.collection, _part_ids(given.document, 0, 1))
            before = known[0].entry.model_dump() if known else {}
            if before.get("digest") == given.digest:
                ids = _part_ids(given.document, 0, before["parts"])
                return Stored(document=given.document, status="unchanged", ids=ids)
            ids = await self._write(client, given, before.get("parts", 0))
        return Stored(document=given.document, status="updated" if known else "created", ids=ids)

    async def remove(self, collection: Collection, document: str) -> None:
        """Delete a document with all its parts. Raises HttpProblemError: 404 where there is none."""
        async with self._locks.hold(document):
            first = _part_ids(document, 0, 1)
            [*known] = await self._store.fetch(collection, first)
            if not known:
                raise HttpProblemError(404, f"There is no document {document} in {collection.value}.")
            parts = known[0].entry.model_dump()["parts"]
            # The first part knows how many there are, so it goes last.
            await self._store.delete(collection, [*_part_ids(document, 1, parts), *first])

    async def _write(self, client: str, given: Contribution, parts_before: int) -> list[str]:
        parts = split(given.content)
        ids = _part_ids(given.document, 0, len(parts))
        vectors = await self._embedder.embed([f"{given.title}\n{part}" for part in parts])
        common: dict[str, Any] = {
            "title": given.title,
            "client": client,
            "updated_at": now(),
            "document": given.document,
            "parts": len(parts),
            "digest": given.digest,
            "metadata": dict(given.metadata),
        }
        entries = [
            KNOWLEDGE[given.collection](content=part, part=number, **common)
            for number, part in enumerate(parts)
        ]
        points = [
            Point(id=one, entry=entry, vector=vector)
            for one, entry, vector in zip(ids, entries, vectors, strict=True)
        ]
        if surplus := _part_ids(given.document, len(parts), min(parts_before, _MOST_PARTS)):
            # Before the new parts: cut off between, the digest is still the old one, and sent again it is mended.
            await self._store.delete(given.collection, surplus)
        # The first part carries the digest that says "all is here", so it comes last.
        if points[1:]:
            await self._store.put(given.collection, points[1:])
        await self._store.put(given.collection, points[:1])
        return ids
