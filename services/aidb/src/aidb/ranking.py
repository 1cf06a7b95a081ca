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
    Integer,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY, distinct_on

from aidb.tables import TEXT_SEARCH, Vector, chunks

# Reciprocal rank fusion (Cormack et al., 2009), with a say of three to one for the meaning: a question in a
# person's words shares any of its words with nearly every chunk (measured in docs/search-quality.md).
_FUSION = 10
_MEANING = 3

# What a request says comes as parameters: statements are made once, and not for each request.
VECTOR = bindparam("vector", type_=Vector())
QUERY = bindparam("query", type_=Text())
WINDOW = bindparam("window", type_=Integer())

Conditions = list[ColumnElement[bool]]


def _materialized(statement: Select[Any], name: str) -> CTE:
    return statement.cte(name).prefix_with("MATERIALIZED")


def _distance() -> ColumnElement[float]:
    return chunks.c.embedding.op("<=>", return_type=Float())(VECTOR).label("distance")


def compare_all(conditions: Conditions) -> Subquery:
    """Rank every chunk behind the filters by its cosine similarity."""
    # Materialized, so that the planner can't answer from the approximate index.
    near = _materialized(select(chunks.c.id, chunks.c.document_id, _distance()).where(*conditions), "near")
    place = func.row_number().over(order_by=(near.c.distance, near.c.id))
    return select(
        near.c.id, near.c.document_id, (1 - near.c.distance).label("score"), place.label("place")
    ).subquery()


def ask_index(conditions: Conditions) -> Subquery:
    """Rank the first chunks, as many as the window is wide, behind the filters that the HNSW index gives."""
    distance = _distance()
    nearest = select(chunks.c.id, chunks.c.document_id, distance).where(*conditions)
    near = _materialized(nearest.order_by(distance).limit(WINDOW), "near")
    # Among equals by id: the planner may answer a wide window from another plan than a narrow one.
    place = func.row_number().over(order_by=(near.c.distance, near.c.id))
    return select(
        near.c.id, near.c.document_id, (1 - near.c.distance).label("score"), place.label("place")
    ).subquery()


def match_words(conditions: Conditions, *, any_word: bool) -> Subquery:
    """Rank the chunks that have all words of the query (web search syntax), or any of its words.

    With any of them there is no syntax: a ``-l`` in a question would ask for all that doesn't have it.
    """
    language = cast(TEXT_SEARCH, REGCONFIG)
    wanted: ColumnElement[Any] = func.websearch_to_tsquery(language, QUERY)
    if any_word:
        wanted = cast(func.replace(cast(func.plainto_tsquery(language, QUERY), Text), "&", "|"), TSQUERY)
    asked = _materialized(select(wanted.label("query")), "asked")
    # 32 maps a rank r to r/(r+1), into 0..1 as the other scores.
    score = func.ts_rank(chunks.c.words, asked.c.query, 1 | 32).label("score")
    hits = select(chunks.c.id, chunks.c.document_id, score).where(
        chunks.c.words.bool_op("@@")(asked.c.query), *conditions
    )
    found = _materialized(hits.select_from(chunks, asked), "found")
    place = func.row_number().over(order_by=(found.c.score.desc(), found.c.id))
    return select(found.c.id, found.c.document_id, found.c.score, place.label("place")).subquery()


def match_words_near(conditions: Conditions, near: FromClause) -> Subquery:
    """Rank the chunks that have all words of the query, and those of ``near`` that have any.

    In a large set nearly every chunk has one of the words of a question: to rank them all takes seconds.
    """
    language = cast(TEXT_SEARCH, REGCONFIG)
    every = func.plainto_tsquery(language, QUERY)
    some = cast(func.replace(cast(every, Text), "&", "|"), TSQUERY)
    asked = _materialized(select(every.label("every"), some.label("some")), "asked")
    score = func.ts_rank(chunks.c.words, asked.c.some, 1 | 32).label("score")
    columns = select(chunks.c.id, chunks.c.document_id, score)
    has_all = columns.select_from(chunks, asked).where(
        chunks.c.words.bool_op("@@")(asked.c.every), *conditions
    )
    # Fetched by their ids first: the planner takes the words' index for cheap, which it isn't for common words.
    close = _materialized(
        select(chunks.c.id, chunks.c.document_id, chunks.c.words).join_from(
            near, chunks, near.c.id == chunks.c.id
        ),
        "close",
    )
    has_some = select(
        close.c.id, close.c.document_id, func.ts_rank(close.c.words, asked.c.some, 1 | 32).label("score")
    ).where(close.c.words.bool_op("@@")(asked.c.some))
    found = has_all.union(has_some).cte("found").prefix_with("MATERIALIZED")
    place = func.row_number().over(order_by=(found.c.score.desc(), found.c.id))
    return select(found.c.id, found.c.document_id, found.c.score, place.label("place")).subquery()


def best_of_each_document(ranking: FromClause) -> Subquery:
    """Keep the best chunk of each document."""
    kept = (
        select(ranking)
        .ext(distinct_on(ranking.c.document_id))
        .order_by(ranking.c.document_id, ranking.c.place)
    )
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
