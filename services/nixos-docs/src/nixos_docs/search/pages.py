"""Searches the sections of pages, over several packs as if they were one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nixos_docs.index.shelf import Book
from nixos_docs.search.engine import Reading
from nixos_docs.search.query import Matched, Question, Stage

_FIND = "SELECT rowid, rank FROM {0} WHERE {0} MATCH ? ORDER BY rank, rowid LIMIT ?"
_COUNT = "SELECT count(*) FROM {0} WHERE {0} MATCH ?"
_SHOW = """
SELECT s.id, s.path, s.page, s.title, s.headings, s.anchor, snippet({0}, 3, '', '', ' … ', 40)
FROM {0} JOIN sections AS s ON s.id = {0}.rowid WHERE {0} MATCH ? AND {0}.rowid IN ({1})
"""
# FTS5 has this where a term is in more than half of all rows.
_LEAST_IDF = 1e-6


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A section that matched."""

    book: Book
    path: str
    page: str
    title: str
    headings: tuple[str, ...]
    anchor: str
    snippet: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of hits, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int
    matched: Matched


@dataclass(frozen=True)
class _Part:
    book: Book
    rows: list[tuple[int, float]]
    total: int


def search_pages(
    reading: Reading, books: Sequence[Book], question: Question, limit: int, offset: int
) -> Found:
    """The hits from ``offset`` on, best first, of the first stage that finds any."""
    for stage in question.stages():
        parts = [part for book in books if (part := _find(reading, book, stage, limit + offset)).total]
        if parts:
            ranked = sorted(_weigh(parts, is_single=len(question.terms) == 1))[offset : offset + limit]
            hits = _show(reading, parts, stage, ranked)
            return Found(hits=hits, total=sum(part.total for part in parts), matched=stage.matched)
    return Found(hits=(), total=0, matched="all")


def _find(reading: Reading, book: Book, stage: Stage, most: int) -> _Part:
    with reading.open(book) as connection:
        rows = connection.execute(_FIND.format(stage.table), (stage.expression, most)).fetchall()
        total = len(rows)
        if total == most:
            total = connection.execute(_COUNT.format(stage.table), (stage.expression,)).fetchone()[0]
    return _Part(book, rows, total)


def _weigh(parts: list[_Part], is_single: bool) -> Iterator[tuple[float, int, int]]:
    """Scores that compare across packs.

    bm25 takes a word for rare by its own pack: the pack that is all about a subject would rank last for its name. So
    each score is scaled from the rarity in its pack to that in all packs; for a single word that is exactly bm25 over
    all.
    """
    whole = _idf(sum(part.book.rows for part in parts), sum(part.total for part in parts))
    for at, part in enumerate(parts):
        factor = whole / _idf(part.book.rows, part.total) if len(parts) > 1 else 1.0
        bounded = factor if is_single else min(max(factor, 0.5), 2.0)
        for row, rank in part.rows:
            yield rank * bounded, at, row


def _idf(rows: int, matching: int) -> float:
    return max(math.log((rows - matching + 0.5) / (matching + 0.5)), _LEAST_IDF)


def _show(
    reading: Reading, parts: list[_Part], stage: Stage, ranked: list[tuple[float, int, int]]
) -> tuple[Hit, ...]:
    """The hits in their order; each pack is asked once for all of its own."""
    told: dict[tuple[int, int], tuple[str, ...]] = {}
    for at in {at for _, at, _ in ranked}:
        rows = [row for _, one, row in ranked if one == at]
        statement = _SHOW.format(stage.table, ",".join("?" * len(rows)))
        with reading.open(parts[at].book) as connection:
            told |= {
                (at, row): rest for row, *rest in connection.execute(statement, (stage.expression, *rows))
            }
    return tuple(_hit(parts[at].book, -score, *told[at, row]) for score, at, row in ranked)


def _hit(
    book: Book, score: float, path: str, page: str, title: str, headings: str, anchor: str, snippet: str
) -> Hit:
    return Hit(
        book=book,
        path=path,
        page=page,
        title=title,
        headings=tuple(headings.split("\n")) if headings else (),
        anchor=anchor,
        snippet=" ".join(snippet.split()),
        score=score,
    )
