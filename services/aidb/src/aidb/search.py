"""Answers a search: one page of the best chunks or documents."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, Select, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb import ranking
from aidb.answers import Hit
from aidb.requests import Search
from aidb.tables import chunks, documents

HYBRID_DEPTH = 300
SNIPPET = 400
_WIDEST = 100_000
_CHUNKS_A_DOCUMENT = 4
_KNOWN_SETS, _LARGE_SECONDS = 1000, 60.0


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of hits; ``total`` is None where the index was asked, which doesn't count."""

    hits: list[Hit]
    has_more: bool
    total: int | None


def _conditions(request: Search) -> ranking.Conditions:
    conditions: ranking.Conditions = []
    if request.project is not None:
        conditions.append(chunks.c.project == request.project)
    if request.collection is not None:
        conditions.append(chunks.c.collection == request.collection)
    return conditions


class Searcher:
    """Compares a set of at most ``exact_limit`` chunks as a whole; a larger one is asked by the HNSW index."""

    def __init__(self, exact_limit: int) -> None:
        self._exact_limit = exact_limit
        self._large_until: dict[tuple[str | None, str | None], float] = {}

    async def search(self, connection: AsyncConnection, request: Search, vector: list[float] | None) -> Found:
        """Find what a request asks for. ``vector`` is the query's, None only in text mode."""
        conditions = _conditions(request)
        if vector is None:
            words = ranking.match_words(request.query or "", conditions, any_word=False)
            return await _read_page(connection, request, _grouped(request, words))
        is_small = await self._is_small(connection, request)
        if request.mode == "hybrid":
            return await _search_hybrid(connection, request, vector, is_small=is_small)
        if is_small:
            return await _read_page(
                connection, request, _grouped(request, ranking.compare_all(vector, conditions))
            )
        return await _search_index(connection, request, vector)

    async def _is_small(self, connection: AsyncConnection, request: Search) -> bool:
        key = (request.project, request.collection)
        if time.monotonic() < self._large_until.get(key, 0.0):
            return False
        limit = self._exact_limit
        some = select(literal(1)).select_from(chunks).where(*_conditions(request)).limit(limit + 1).subquery()
        if (await connection.scalar(select(func.count()).select_from(some)) or 0) <= limit:
            return True
        # A large set seldom shrinks, and the index answers for a small one too: counting can wait a while.
        if len(self._large_until) >= _KNOWN_SETS:
            self._large_until.clear()
        self._large_until[key] = time.monotonic() + _LARGE_SECONDS
        return False


def _grouped(request: Search, found: FromClause) -> FromClause:
    return ranking.best_of_each_document(found) if request.group == "document" else found


async def _search_hybrid(
    connection: AsyncConnection, request: Search, vector: list[float], *, is_small: bool
) -> Found:
    conditions = _conditions(request)
    near = (
        ranking.compare_all(vector, conditions)
        if is_small
        else ranking.ask_index(vector, conditions, HYBRID_DEPTH * _CHUNKS_A_DOCUMENT)
    )
    words = ranking.match_words(request.query or "", conditions, any_word=True)
    key = "document_id" if request.group == "document" else "id"
    fused = ranking.fuse(_grouped(request, near), _grouped(request, words), key, HYBRID_DEPTH)
    return await _read_page(connection, request, fused)


async def _search_index(connection: AsyncConnection, request: Search, vector: list[float]) -> Found:
    """Ask the index for more and more chunks until the page is full or the index has no more."""
    wanted = request.offset + request.limit + 1
    window = wanted * (_CHUNKS_A_DOCUMENT if request.group == "document" else 1)
    while True:
        found = ranking.ask_index(vector, _conditions(request), window)
        page = await _read_page(connection, request, _grouped(request, found))
        if page.has_more or window >= _WIDEST or await _is_exhausted(connection, request, found, window):
            return Found(hits=page.hits, has_more=page.has_more, total=None)
        window = min(window * 4, _WIDEST)


async def _is_exhausted(connection: AsyncConnection, request: Search, found: FromClause, window: int) -> bool:
    seen = select(func.count().label("number"), func.min(found.c.score).label("worst"))
    row = (await connection.execute(seen.select_from(found))).one()
    return bool(row.number < window or (request.min_score is not None and row.worst < request.min_score))


def _page_of(request: Search, ranked: FromClause) -> Select[Any]:
    """The page's rows beside the total, which stands in one row of its own when the page is empty."""
    kept = select(ranked.c.id, ranked.c.score, ranked.c.place)
    if request.min_score is not None:
        kept = kept.where(ranked.c.score >= request.min_score)
    accepted = kept.cte("accepted")
    total = select(func.count().label("total")).select_from(accepted).subquery()
    page = (
        select(accepted).order_by(accepted.c.place).limit(request.limit + 1).offset(request.offset).subquery()
    )
    rows = (
        select(
            page.c.place,
            page.c.score,
            chunks.c.id.label("chunk_id"),
            chunks.c.document_id,
            chunks.c.content,
            documents.c.title,
            documents.c.path,
            documents.c.project,
            documents.c.collection,
        )
        .join_from(page, chunks, chunks.c.id == page.c.id)
        .join(documents, documents.c.id == chunks.c.document_id)
        .subquery()
    )
    return select(total.c.total, rows).select_from(total.outerjoin(rows, true())).order_by(rows.c.place)


async def _read_page(connection: AsyncConnection, request: Search, ranked: FromClause) -> Found:
    rows: Sequence[Any] = (await connection.execute(_page_of(request, ranked))).all()
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
