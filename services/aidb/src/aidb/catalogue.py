"""Reads and deletes stored documents."""

from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.answers import Document, DocumentPage, DocumentSummary
from aidb.tables import chunks, documents

_SUMMARY = [
    documents.c.chunk_count.label("chunks") if column.name == "chunk_count" else column
    for column in documents.c
    if column.name not in ("content", "model")
]


async def list_documents(
    connection: AsyncConnection, *, project: str | None, collection: str | None, limit: int, offset: int
) -> DocumentPage:
    """One page of the documents, oldest first; the order is stable while nothing is deleted."""
    conditions: list[ColumnElement[bool]] = []
    if project is not None:
        conditions.append(documents.c.project == project)
    if collection is not None:
        conditions.append(documents.c.collection == collection)
    total = await connection.scalar(select(func.count()).select_from(documents).where(*conditions)) or 0
    page = select(*_SUMMARY).where(*conditions).order_by(documents.c.id).limit(limit).offset(offset)
    rows = (await connection.execute(page)).mappings().all()
    return DocumentPage(
        documents=[DocumentSummary.model_validate(dict(row)) for row in rows],
        total=total,
        limit=limit,
        offset=offset,
        has_more=offset + len(rows) < total,
    )


async def read_document(
    connection: AsyncConnection, document_id: int, *, with_content: bool
) -> Document | None:
    """One document, or None."""
    columns = [*_SUMMARY, documents.c.content] if with_content else _SUMMARY
    row = (
        (await connection.execute(select(*columns).where(documents.c.id == document_id)))
        .mappings()
        .one_or_none()
    )
    return None if row is None else Document.model_validate(dict(row))


async def delete_document(connection: AsyncConnection, document_id: int) -> bool:
    """Delete a document with its chunks. Returns whether there was one."""
    result = await connection.execute(delete(documents).where(documents.c.id == document_id))
    return result.rowcount > 0


async def count_all(connection: AsyncConnection, model: str) -> dict[str, Any]:
    """How much is stored, by the names of ``answers.Stats``; stale is what another model than ``model`` embedded."""
    totals = select(
        func.count().label("documents"),
        func.count(documents.c.project.distinct()).label("projects"),
        func.coalesce(func.sum(documents.c.size_bytes), 0).label("size_bytes"),
        func.count().filter(documents.c.model != model).label("stale_documents"),
    )
    collections = select(documents.c.collection, func.count()).group_by(documents.c.collection)
    found = dict((await connection.execute(totals)).mappings().one())
    found["chunks"] = await connection.scalar(select(func.count()).select_from(chunks)) or 0
    found["collections"] = {row[0]: row[1] for row in await connection.execute(collections)}
    return found
