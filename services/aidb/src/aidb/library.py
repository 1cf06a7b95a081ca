"""The stored documents, as clients ask for them over REST and MCP."""

from garrison_kit.problems import HttpProblemError

from aidb import catalogue
from aidb.answers import Document, DocumentPage, Stats
from aidb.database import Database
from aidb.embeddings import Embedder
from aidb.telemetry.recorder import Recorder


class Library:
    """Lists, reads, counts and deletes."""

    def __init__(self, database: Database, embedder: Embedder, recorder: Recorder) -> None:
        self._database, self._embedder, self._recorder = database, embedder, recorder

    async def list(
        self, *, project: str | None, collection: str | None, limit: int, offset: int
    ) -> DocumentPage:
        """One page of the documents, oldest first."""
        with self._recorder.watch("document_list") as event:
            async with self._database.read() as connection:
                page = await catalogue.list_documents(
                    connection, project=project, collection=collection, limit=limit, offset=offset
                )
            event.items = len(page.documents)
            return page

    async def read(self, document_id: int, *, with_content: bool) -> Document:
        """One document. Raises HttpProblemError (404)."""
        with self._recorder.watch("document_read") as event:
            async with self._database.read() as connection:
                document = await catalogue.read_document(connection, document_id, with_content=with_content)
            if document is None:
                raise HttpProblemError(404, f"There is no document {document_id}.")
            event.items = 1
            return document

    async def delete(self, document_id: int) -> None:
        """Delete a document with its chunks. Raises HttpProblemError (404)."""
        with self._recorder.watch("document_delete") as event:
            async with self._database.write() as connection:
                is_deleted = await catalogue.delete_document(connection, document_id)
            if not is_deleted:
                raise HttpProblemError(404, f"There is no document {document_id}.")
            event.items = 1

    async def count(self) -> Stats:
        """How much is stored."""
        expected = self._embedder.expected
        async with self._database.read() as connection:
            counts = await catalogue.count_all(connection, expected.model)
        return Stats(**counts, model=expected.model, dimension=expected.dimension)
