"""Searches several collections at once and ranks what they found together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hybrid_coordinator.embedder import Embedder
from hybrid_coordinator.filters import Filter, Value
from hybrid_coordinator.knowledge import Collection
from hybrid_coordinator.ranking import Hit, rank
from hybrid_coordinator.store import Store
from hybrid_coordinator.votes import Ballot

# Votes reorder within what was fetched, so all pages of one width are cut from the same list.
_WINDOWS = (30, 120, 500, 1101)
MAX_OFFSET = 1000
ALL = tuple(Collection)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of hits."""

    hits: list[Hit]
    has_more: bool


class Searcher:
    """Each method raises DependencyError when a dependency doesn't answer."""

    def __init__(self, embedder: Embedder, store: Store, ballot: Ballot) -> None:
        self._embedder, self._store, self._ballot = embedder, store, ballot

    async def page(
        self,
        query: str,
        collections: Sequence[Collection],
        *,
        limit: int,
        offset: int = 0,
        min_score: float | None = None,
        metadata: Mapping[str, Value] | None = None,
    ) -> Page:
        """One page of what is nearest to ``query``, votes included."""
        window = next(size for size in _WINDOWS if size > offset + limit)
        # Votes may lift a hit over the limit, so Qdrant isn't told of it.
        found = await self._find(query, dict.fromkeys(collections), window, metadata or {})
        ranked = [hit for hit in found if min_score is None or hit.score >= min_score]
        return Page(hits=ranked[offset : offset + limit], has_more=len(ranked) > offset + limit)

    async def best(
        self,
        query: str,
        min_scores: Mapping[Collection, float],
        *,
        most: int,
        but: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """The best hits that reach their collection's score, without those named by ``but``."""
        found = await self._find(query, min_scores, most + min(len(but), 200), {}, tuple(sorted(but))[:1000])
        return [hit for hit in found if hit.score >= min_scores[hit.collection] and hit.id not in but][:most]

    async def _find(
        self,
        query: str,
        collections: Mapping[Collection, float | None],
        limit: int,
        metadata: Mapping[str, Value],
        but: tuple[str, ...] = (),
    ) -> list[Hit]:
        vector = await self._embedder.embed_query(query)
        answers = await asyncio.gather(
            *(
                self._store.search(one, vector, limit=limit, where=_filter(one, metadata, but))
                for one in collections
            )
        )
        hits = [hit for answer in answers for hit in answer]
        return rank(hits, await self._ballot.count([hit.id for hit in hits]))


def _filter(collection: Collection, metadata: Mapping[str, Value], but: tuple[str, ...]) -> Filter | None:
    equal: dict[str, Value] = {f"metadata.{name}": value for name, value in metadata.items()}
    if collection is Collection.INTERACTIONS:
        # What failed, or nobody has judged, is kept to learn from and not given as an answer.
        equal["is_high_value"] = True
    return Filter(equal=equal, but=but) if equal or but else None
