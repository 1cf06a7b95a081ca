"""Embeds anew what another model embedded, a few documents at a time; where it stops, the next run goes on."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import structlog
from garrison_kit.problems import HttpProblemError
from pydantic import BaseModel
from sqlalchemy import delete, func, insert, select, text, update

from aidb.database import Database
from aidb.embeddings import Embedder
from aidb.imports import Importer, chunk_rows
from aidb.requests import DocumentImport
from aidb.schema import fit_column, read_dimension
from aidb.tables import chunks, documents

_BATCH = 8
_log = structlog.get_logger("aidb.reembedding")


class ReembeddingState(BaseModel):
    """How far it is; ``stale`` counts what is left now."""

    running: bool
    stale: int
    done: int
    started_at: datetime | None
    finished_at: datetime | None
    stopped_by: str | None


class Reembedding:
    """One run at a time; what is left is known by the documents' own model, so nothing else is kept."""

    def __init__(self, database: Database, importer: Importer, embedder: Embedder) -> None:
        self._database, self._importer, self._embedder = database, importer, embedder
        self._model = embedder.expected.model
        self._task: asyncio.Task[None] | None = None
        self._done = 0
        self._started_at: datetime | None = None
        self._finished_at: datetime | None = None
        self._stopped_by: str | None = None

    async def begin(self, *, drop_vectors: bool) -> ReembeddingState:
        """Start a run unless one is under way.

        Raises HttpProblemError: 409 when stored vectors have another dimension and may not be dropped, 503 when
        embeddings could not replace them.
        """
        if drop_vectors:
            await self._embedder.require_served_model()
        await self._fit(drop_vectors=drop_vectors)
        if self._task is None or self._task.done():
            self._done = 0
            self._started_at = datetime.now(UTC)
            self._finished_at = self._stopped_by = None
            self._task = asyncio.create_task(self._run())
        return await self.state()

    async def _fit(self, *, drop_vectors: bool) -> None:
        """Make the column fit the agreed dimension; vectors of another one can only be dropped."""
        wanted = self._embedder.expected.dimension
        async with self._database.write() as connection:
            found = await read_dimension(connection)
            if found == wanted:
                return
            if not drop_vectors:
                raise HttpProblemError(
                    409,
                    f"The stored vectors have {found} numbers, {wanted} are expected. With drop_vectors they go, "
                    "and nothing of a document is found until it is embedded anew.",
                )
            await connection.execute(text("TRUNCATE chunks"))
            await connection.execute(update(documents).values(model="", chunk_count=0))
            await connection.run_sync(fit_column, wanted)
        self._embedder.column = wanted

    async def state(self) -> ReembeddingState:
        """How far it is."""
        wanted = select(func.count()).select_from(documents).where(documents.c.model != self._model)
        async with self._database.read() as connection:
            stale = await connection.scalar(wanted) or 0
        return ReembeddingState(
            running=self._task is not None and not self._task.done(),
            stale=stale,
            done=self._done,
            started_at=self._started_at,
            finished_at=self._finished_at,
            stopped_by=self._stopped_by,
        )

    async def stop(self) -> None:
        """Stop; what was stored stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        last = 0
        try:
            while rows := await self._next(last):
                last = rows[-1]["id"]
                for row in rows:
                    await self._embed(row)
        except HttpProblemError as error:
            self._stopped_by = error.detail
            _log.warning("reembedding_stopped", reason=error.detail, done=self._done)
        except Exception:  # noqa: BLE001 - whatever it is, an admin who asks how far it is must see that it ended
            self._stopped_by = "an unexpected error, which the log has"
            _log.exception("reembedding_failed", done=self._done)
        self._finished_at = datetime.now(UTC)

    async def _next(self, last: int) -> list[Any]:
        wanted = select(documents).where(documents.c.model != self._model, documents.c.id > last)
        async with self._database.read() as connection:
            return list((await connection.execute(wanted.order_by(documents.c.id).limit(_BATCH))).mappings())

    async def _embed(self, row: Any) -> None:
        # model_construct: it was valid when it came in, and must not stop the run if the rules have changed since.
        given = {name: row[name] for name in DocumentImport.model_fields if name != "checksum"}
        [prepared] = await self._importer.prepare([DocumentImport.model_construct(**given, checksum=None)])
        async with self._database.write() as connection:
            # Not by its checksum, which a new title or collection leaves as it is.
            is_same = (documents.c.id == row["id"]) & (documents.c.updated_at == row["updated_at"])
            values = {"model": self._model, "chunk_count": len(prepared.chunks)}
            changed = await connection.execute(update(documents).where(is_same).values(**values))
            if changed.rowcount:  # else it was replaced or deleted meanwhile, which leaves nothing to do
                await connection.execute(delete(chunks).where(chunks.c.document_id == row["id"]))
                if prepared.chunks:
                    await connection.execute(insert(chunks), chunk_rows(row["id"], prepared))
        self._done += 1
