"""The statements of a search, made once for each shape of a request: making one costs as much as asking it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Float, FromClause, Integer, Select, Text, bindparam, func, literal, select, true

from aidb import ranking
from aidb.requests import Group, Mode, Search
from aidb.tables import chunks, documents
from aidb.words import without_rules

HYBRID_DEPTH = 300
CHUNKS_A_DOCUMENT = 4


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What of a request changes its statements; all else are parameters."""

    mode: Mode
    group: Group
    compares_all: bool
    has_project: bool
    has_collection: bool
    has_least: bool


def shape_of(request: Search, *, compares_all: bool) -> Shape:
    """The shape of a request; ``compares_all``: every chunk behind its filters, and not what the index gives."""
    return Shape(
        mode=request.mode,
        group=request.group,
        compares_all=compares_all,
        has_project=request.project is not None,
        has_collection=request.collection is not None,
        has_least=request.min_score is not None,
    )


def parameters_of(request: Search, vector: list[float] | None, window: int) -> dict[str, Any]:
    """The parameters of every statement here; ``window`` is how many chunks the index is asked for."""
    return {
        "vector": vector,
        "query": request.query and without_rules(request.query),
        "window": window,
        "project": request.project,
        "collection": request.collection,
        "least": request.min_score,
        "rows": request.limit + 1,
        "skip": request.offset,
    }


@lru_cache(maxsize=256)
def page_of(shape: Shape) -> Select[Any]:
    """The page's rows beside the total, which stands in one row of its own when the page is empty."""
    ranked = _grouped(shape, _ranked(shape))
    kept = select(ranked.c.id, ranked.c.score, ranked.c.place)
    if shape.has_least:
        kept = kept.where(ranked.c.score >= bindparam("least", type_=Float()))
    accepted = kept.cte("accepted")
    total = select(func.count().label("total")).select_from(accepted).subquery()
    rows, skip = (bindparam(name, type_=Integer()) for name in ("rows", "skip"))
    page = select(accepted).order_by(accepted.c.place).limit(rows).offset(skip).subquery()
    found = (
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
    return select(total.c.total, found).select_from(total.outerjoin(found, true())).order_by(found.c.place)


@lru_cache(maxsize=256)
def reach_of(shape: Shape) -> Select[int, Any]:
    """How many chunks the index gave, and the worst score among them."""
    found = ranking.ask_index(_conditions(shape))
    return select(func.count().label("number"), func.min(found.c.score).label("worst")).select_from(found)


@lru_cache(maxsize=256)
def size_of(shape: Shape) -> Select[int]:
    """How many chunks lie behind the filters, counted up to the window."""
    some = select(literal(1)).select_from(chunks).where(*_conditions(shape)).limit(ranking.WINDOW).subquery()
    return select(func.count()).select_from(some)


def _conditions(shape: Shape) -> ranking.Conditions:
    conditions: ranking.Conditions = []
    if shape.has_project:
        conditions.append(chunks.c.project == bindparam("project", type_=Text()))
    if shape.has_collection:
        conditions.append(chunks.c.collection == bindparam("collection", type_=Text()))
    return conditions


def _grouped(shape: Shape, found: FromClause) -> FromClause:
    is_grouped = shape.group == "document" and shape.mode != "hybrid"
    return ranking.best_of_each_document(found) if is_grouped else found


def _ranked(shape: Shape) -> FromClause:
    conditions = _conditions(shape)
    if shape.mode == "text":
        return ranking.match_words(conditions, any_word=False)
    near = ranking.compare_all(conditions) if shape.compares_all else ranking.ask_index(conditions)
    if shape.mode == "vector":
        return near
    words = (
        ranking.match_words(conditions, any_word=True)
        if shape.compares_all
        else ranking.match_words_near(conditions, near)
    )
    if shape.group == "document":
        grouped = ranking.best_of_each_document(near), ranking.best_of_each_document(words)
        return ranking.fuse(*grouped, "document_id", HYBRID_DEPTH)
    return ranking.fuse(near, words, "id", HYBRID_DEPTH)
