"""Documents: import, list, read, delete."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from garrison_kit.problems import HttpProblemError

from aidb import catalogue
from aidb.answers import BatchImported, Document, DocumentPage, Imported
from aidb.fields import BIGGEST_ID, DocumentId, Name
from aidb.requests import BatchImport, DocumentImport
from aidb.service import Service, get_service

router = APIRouter(tags=["documents"])
TheService = Annotated[Service, Depends(get_service)]


@router.post("/documents")
async def import_document(document: DocumentImport, service: TheService, response: Response) -> Imported:
    """Store a document: 201 when it is new, 200 when it replaces one or changes nothing."""
    [imported] = await service.importer.store([document])
    response.status_code = 201 if imported.status == "created" else 200
    return imported


@router.post("/documents/batch")
async def import_batch(batch: BatchImport, service: TheService) -> BatchImported:
    """Store up to 64 documents, all or none."""
    results = await service.importer.store(batch.documents)
    counts = Counter(result.status for result in results)
    return BatchImported(
        results=results,
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
    )


@router.get("/documents")
async def list_documents(
    service: TheService,
    project: Name | None = None,
    collection: Name | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=BIGGEST_ID)] = 0,
) -> DocumentPage:
    """One page of the documents, oldest first."""
    async with service.clients.engine.connect() as connection:
        return await catalogue.list_documents(
            connection, project=project, collection=collection, limit=limit, offset=offset
        )


@router.get("/documents/{document_id}", response_model_exclude_unset=True)
async def read_document(document_id: DocumentId, service: TheService, content: bool = True) -> Document:
    """One document; ``content=false`` leaves its text out."""
    async with service.clients.engine.connect() as connection:
        document = await catalogue.read_document(connection, document_id, with_content=content)
    if document is None:
        raise HttpProblemError(404, f"There is no document {document_id}.")
    return document


@router.delete("/documents/{document_id}", status_code=204)
async def delete_document(document_id: DocumentId, service: TheService) -> None:
    """Delete a document with all its chunks."""
    async with service.clients.engine.begin() as connection:
        is_deleted = await catalogue.delete_document(connection, document_id)
    if not is_deleted:
        raise HttpProblemError(404, f"There is no document {document_id}.")
