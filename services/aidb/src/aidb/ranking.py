"""The parts of a search in SQL: what matches, how good it is, and in which order.

Each ranking is a selectable with the columns id (of the chunk), document_id, score and place (1 is best). Places
never depend on how much of a ranking is asked for: that is what makes page 2 go on where page 1 ended.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    FromClause,
    Select,
    Subquery,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY

from aidb.tables import TEXT_SEARCH, Vector, chunks

# Reciprocal rank fusion (Cormack et al., 2009), with a say of three to one for the meaning: a question in a
# person's words shares any of its words with nearly every chunk (measured in docs/search-quality.md).
_FUSION = 10
_MEANING = 3

Conditions = list[ColumnElement[bool]]


def _materialized(statement: Select[Any], name: str) -> CTE:
    return statement.cte(name).prefix_with("MATERIALIZED")


def _distance(vector: list[float]) -> ColumnElement[float]:
    return chunks.c.embedding.op("<=>", return_type=Float())(literal(vector, Vector())).label("distance")


def compare_all(vector: list[float], conditions: Conditions) -> Subquery:
    """Rank every chunk behind the filters by its cosine similarity."""
    # Materialized, so that the planner can't answer from the approximate index.
    near = _materialized(
        select(chunks.c.id, chunks.c.document_id, _distance(vector)).where(*conditions), "near"
    )
    place = func.row_number().over(order_by=(near.c.distance, near.c.id))
    return select(
        near.c.id, near.c.document_id, (1 - near.c.distance).label("score"), place.label("place")
    ).subquery()


def ask_index(vector: list[float], conditions: Conditions, window: int) -> Subquery:
    """Rank the first ``window`` chunks behind the filters that the HNSW index gives."""
    distance = _distance(vector)
    nearest = select(chunks.c.id, chunks.c.document_id, distance).where(*conditions)
    near = _materialized(nearest.order_by(distance).limit(window), "near")
    # In the index's own order, also among equals: a longer scan only adds to its end.
    place = func.row_number().over()
    return select(
        near.c.id, near.c.document_id, (1 - near.c.distance).label("score"), place.label("place")
    ).subquery()


def match_words(query: str, conditions: Conditions, *, any_word: bool) -> Subquery:
    """Rank the chunks that have all words of the query (web search syntax), or any of its words.

    With any of them there is no syntax: a ``-l`` in a question would ask for all that doesn't have it.
    """
    language = cast(TEXT_SEARCH, REGCONFIG)
    wanted: ColumnElement[Any] = func.websearch_to_tsquery(language, query)
    if any_word:
        wanted = cast(func.replace(cast(func.plainto_tsquery(language, query), Text), "&", "|"), TSQUERY)
    asked = _materialized(select(wanted.label("query")), "asked")
    # 32 maps a rank r to r/(r+1), into 0..1 as the other scores.
    score = func.ts_rank(chunks.c.words, asked.c.query, 1 | 32).label("score")
    hits = select(chunks.c.id, chunks.c.document_id, score).where(
        chunks.c.words.op("@@")(asked.c.query), *conditions
    )
    found = _materialized(hits.select_from(chunks, asked), "found")
    place = func.row_number().over(order_by=(found.c.score.desc(), found.c.id))
    return select(found.c.id, found.c.document_id, found.c.score, place.label("place")).subquery()


def best_of_each_document(ranking: FromClause) -> Subquery:
    """Keep the best chunk of each document."""
    kept = select(ranking).distinct(ranking.c.document_id).order_by(ranking.c.document_id, ranking.c.place)
    return kept.subquery()


def _top(ranking: FromClause, depth: int) -> Subquery:
    rank = func.row_number().over(order_by=ranking.c.place).label("rank")
    return select(ranking.c.id, ranking.c.document_id, rank).order_by(ranking.c.place).limit(depth).subquery()


def fuse(first: FromClause, second: FromClause, key: str, depth: int) -> Subquery:
    """Join the best ``depth`` of two rankings, meaning and words, by reciprocal rank fusion; 1 is first in both.

    ``key`` is the column that makes two rows the same result.
    """
    one, two = _top(first, depth), _top(second, depth)
    joined = one.join(two, one.c[key] == two.c[key], full=True)

    def share(ranking: Subquery) -> ColumnElement[float]:
        return func.coalesce(literal_column("1.0") / (_FUSION + ranking.c.rank), 0)

    score = (share(one) * _MEANING + share(two)) * literal_column(str((_FUSION + 1) / (_MEANING + 1)))
    fused = (
        select(
            func.coalesce(one.c.id, two.c.id).label("id"),
            func.coalesce(one.c.document_id, two.c.document_id).label("document_id"),
            score.label("score"),
        )
        .select_from(joined)
        .subquery()
    )
    place = func.row_number().over(order_by=(fused.c.score.desc(), fused.c[key]))
    return select(fused.c.id, fused.c.document_id, fused.c.score, place.label("place")).subquery()
