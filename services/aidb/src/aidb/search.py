"""Answers a search: one page of the best chunks or documents."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.answers import Hit
from aidb.requests import Search
from aidb.statements import (
    CHUNKS_A_DOCUMENT,
    HYBRID_DEPTH,
    Shape,
    page_of,
    parameters_of,
    reach_of,
    shape_of,
    size_of,
)

SNIPPET = 400
_WIDEST = 100_000
# Which of the chunks at one distance lie within a window is by chance: its end must not be the page's end.
_MARGIN = 50
_KNOWN_SETS, _LARGE_SECONDS = 1000, 60.0


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of hits; ``total`` is None where the index was asked, which doesn't count."""

    hits: list[Hit]
    has_more: bool
    total: int | None


class Searcher:
    """Compares a set of at most ``exact_limit`` chunks as a whole; a larger one is asked by the HNSW index."""

    def __init__(self, exact_limit: int) -> None:
        self._exact_limit = exact_limit
        self._large_until: dict[tuple[str | None, str | None], float] = {}

    async def search(self, connection: AsyncConnection, request: Search, vector: list[float] | None) -> Found:
        """Find what a request asks for. ``vector`` is the query's, None only in text mode."""
        is_small = vector is not None and await self._is_small(connection, request)
        shape = shape_of(request, compares_all=is_small)
        if request.mode == "vector" and not is_small:
            return await _search_index(connection, request, shape, vector)
        window = HYBRID_DEPTH * CHUNKS_A_DOCUMENT
        return await _read_page(connection, request, shape, parameters_of(request, vector, window))

    async def _is_small(self, connection: AsyncConnection, request: Search) -> bool:
        key = (request.project, request.collection)
        if time.monotonic() < self._large_until.get(key, 0.0):
            return False
        wanted = size_of(shape_of(request, compares_all=False))
        given = parameters_of(request, None, self._exact_limit + 1)
        if (await connection.scalar(wanted, given) or 0) <= self._exact_limit:
            return True
        # A large set seldom shrinks, and the index answers for a small one too: counting can wait a while.
        if len(self._large_until) >= _KNOWN_SETS:
            self._large_until.clear()
        self._large_until[key] = time.monotonic() + _LARGE_SECONDS
        return False


async def _search_index(
    connection: AsyncConnection, request: Search, shape: Shape, vector: list[float] | None
) -> Found:
    """Ask the index for more and more chunks until the page is full or the index has no more."""
    each = CHUNKS_A_DOCUMENT if request.group == "document" else 1
    window = (request.offset + request.limit + 1) * each + _MARGIN
    while True:
        given = parameters_of(request, vector, window)
        page = await _read_page(connection, request, shape, given)
        if page.has_more or window >= _WIDEST or await _is_exhausted(connection, request, shape, given):
            return Found(hits=page.hits, has_more=page.has_more, total=None)
        window = min(window * 4, _WIDEST)


async def _is_exhausted(
    connection: AsyncConnection, request: Search, shape: Shape, given: dict[str, Any]
) -> bool:
    row = (await connection.execute(reach_of(shape), given)).one()
    return bool(
        row.number < given["window"] or (request.min_score is not None and row.worst < request.min_score)
    )


async def _read_page(
    connection: AsyncConnection, request: Search, shape: Shape, given: dict[str, Any]
) -> Found:
    rows: Sequence[Any] = (await connection.execute(page_of(shape), given)).all()
    hits = [_hit(row, with_content=request.include_content) for row in rows if row.chunk_id is not None]
    return Found(hits=hits[: request.limit], has_more=len(hits) > request.limit, total=rows[0].total)


def _hit(row: Any, *, with_content: bool) -> Hit:
    return Hit(
        document_id=row.document_id,
        chunk_id=row.chunk_id,
        title=row.title,
        path=row.path,
        project=row.project,
        collection=row.collection,
        score=round(min(max(float(row.score), 0.0), 1.0), 6),
        snippet=make_snippet(row.content),
        content=row.content if with_content else None,
    )


def make_snippet(text: str) -> str:
    """The beginning of a chunk on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= SNIPPET:
        return line
    cut = line[:SNIPPET]
    return f"{cut.rpartition(' ')[0] or cut}…"
