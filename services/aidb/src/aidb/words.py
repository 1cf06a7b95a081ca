"""Lists rows of a table that has ``words``: all by name, or those that a query's words match, best first."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, cast, func, select
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.tables import TEXT_SEARCH

_DASHES = re.compile(r"-(?:\s*-)+")


def without_rules(query: str) -> str:
    """A query in web search syntax without its runs of dashes.

    Each dash is a "not" there, and PostgreSQL fails at the 33rd in a row: a line drawn in a text that was pasted.
    """
    return _DASHES.sub(" ", query)


async def find(
    connection: AsyncConnection,
    table: Table,
    columns: Sequence[Column[Any]],
    conditions: Sequence[ColumnElement[bool]],
    name: Column[Any],
    query: str | None,
    limit: int,
    offset: int,
) -> tuple[list[dict[str, Any]], int]:
    """One page of rows with ``columns``, and how many there are in all."""
    wanted, order = list(conditions), [name.asc()]
    if query is not None:
        asked = func.websearch_to_tsquery(cast(TEXT_SEARCH, REGCONFIG), without_rules(query))
        wanted.append(table.c.words.bool_op("@@")(asked))
        order = [func.ts_rank(table.c.words, asked, 1 | 32).desc(), name.asc()]
    total = await connection.scalar(select(func.count()).select_from(table).where(*wanted)) or 0
    page = select(*columns).where(*wanted).order_by(*order).limit(limit).offset(offset)
    return [dict(row) for row in (await connection.execute(page)).mappings()], total
