"""Takes documents in: what is new or changed is cut into chunks, embedded and stored in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.answers import Imported, Status
from aidb.chunking import Chunk, add_title, split_text
from aidb.database import Database
from aidb.embeddings import Embedder
from aidb.requests import DocumentImport
from aidb.tables import chunks, documents, write_vector
from aidb.telemetry.recorder import Recorder
from aidb.turns import Turns

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A document, cut and embedded."""

    document: DocumentImport
    chunks: list[Chunk]
    vectors: list[str]
    """As SQL has them."""


def _columns(document: DocumentImport, model: str) -> dict[str, Any]:
    """What a document's row says, apart from what the database makes."""
    return {
        "collection": document.collection,
        "title": document.title,
        "content_type": document.content_type,
        "checksum": document.digest,
        "metadata": document.metadata,
        "model": model,
    }


class Importer:
    """Stores documents so that searches see all of a document or nothing of it."""

    def __init__(self, database: Database, embedder: Embedder, recorder: Recorder) -> None:
        self._database, self._embedder, self._recorder = database, embedder, recorder
        self._turns = Turns[Key]()

    async def store(self, given: Sequence[DocumentImport]) -> list[Imported]:
        """Store all documents or none; the answers are in the order given.

        Raises HttpProblemError where a dependency is away or the model isn't the agreed one.
        """
        with self._recorder.watch("document_import") as event:
            event.items = len(given)
            # One at a time for each document: the same one sent twice at once is embedded once.
            async with self._turns.take(document.key for document in given):
                return await self._store(given)

    async def _store(self, given: Sequence[DocumentImport]) -> list[Imported]:
        model = self._embedder.expected.model
        known = await self._read_known(given)
        answers = {key: _unchanged(key, row) for key, row in known.items()}
        changed = [document for document in given if not _is_same(document, model, known.get(document.key))]
        written = await self._replace(await self.prepare(changed), model) if changed else []
        answers.update({(answer.project, answer.path): answer for answer in written})
        return [answers[document.key] for document in given]

    async def _read_known(self, given: Sequence[DocumentImport]) -> dict[Key, Any]:
        columns = [
            column for column in documents.c if column.name not in ("content", "created_at", "updated_at")
        ]
        wanted = tuple_(documents.c.project, documents.c.path).in_([document.key for document in given])
        async with self._database.read() as connection:
            rows = await connection.execute(select(*columns).where(wanted))
            return {(row["project"], row["path"]): row for row in rows.mappings()}

    async def prepare(self, changed: list[DocumentImport]) -> list[Prepared]:
        """Cut and embed documents. Raises HttpProblemError as ``store``."""
        split = await asyncio.to_thread(lambda: [split_text(document.content) for document in changed])
        texts = [
            add_title(document.title, chunk.text)
            for document, cut in zip(changed, split, strict=True)
            for chunk in cut
        ]
        found = await self._embedder.embed(texts)
        # Half a million numbers a MiB of text: written while the statement is sent, nobody else is answered.
        vectors = iter(await asyncio.to_thread(lambda: [write_vector(vector) for vector in found]))
        return [
            Prepared(document=document, chunks=cut, vectors=[next(vectors) for _ in cut])
            for document, cut in zip(changed, split, strict=True)
        ]

    async def _replace(self, prepared: list[Prepared], model: str) -> list[Imported]:
        async with self._database.write() as connection:
            # In the order of their keys, so that two batches with common documents wait and don't deadlock.
            ordered = sorted(prepared, key=lambda one: one.document.key)
            return [await _write(connection, one, model) for one in ordered]


def _is_same(document: DocumentImport, model: str, row: Any) -> bool:
    return row is not None and all(row[name] == value for name, value in _columns(document, model).items())


def _unchanged(key: Key, row: Any) -> Imported:
    return Imported(
        id=row["id"],
        project=key[0],
        path=key[1],
        status="unchanged",
        chunks=row["chunk_count"],
        checksum=row["checksum"],
    )


async def _write(connection: AsyncConnection, prepared: Prepared, model: str) -> Imported:
    document = prepared.document
    values = {
        **_columns(document, model),
        "content": document.content,
        "size_bytes": len(document.content.encode()),
        "chunk_count": len(prepared.chunks),
    }
    statement = (
        upsert(documents)
        .values(project=document.project, path=document.path, **values)
        .on_conflict_do_update(
            index_elements=["project", "path"], set_={**values, "updated_at": func.clock_timestamp()}
        )
        # xmax is 0 in a row that this statement inserted and not in one that it updated.
        .returning(documents.c.id, literal_column("xmax = 0").label("is_new"))
    )
    row = (await connection.execute(statement)).one()
    status: Status = "created" if row.is_new else "updated"
    if not row.is_new:
        await connection.execute(delete(chunks).where(chunks.c.document_id == row.id))
    if prepared.chunks:
        await connection.execute(insert(chunks), chunk_rows(row.id, prepared))
    return Imported(
        id=row.id,
        project=document.project,
        path=document.path,
        status=status,
        chunks=len(prepared.chunks),
        checksum=values["checksum"],
    )


def chunk_rows(document_id: int, prepared: Prepared) -> list[dict[str, Any]]:
    """The rows of a document's chunks."""
    document = prepared.document
    return [
        {
            "document_id": document_id,
            "project": document.project,
            "collection": document.collection,
            "position": chunk.position,
            "title": document.title,
            "content": chunk.text,
            "embedding": vector,
        }
        for chunk, vector in zip(prepared.chunks, prepared.vectors, strict=True)
    ]
