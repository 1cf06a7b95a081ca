"""Documents: import, list, read, delete, embed anew."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from garrison_kit.gate import requires

from aidb.answers import BatchImported, Document, DocumentPage, Imported
from aidb.fields import BIGGEST_ID, DocumentId, Name
from aidb.reembedding import ReembeddingState
from aidb.requests import BatchImport, DocumentImport, Reembed, UrlImport
from aidb.routes.dependencies import TheService

router = APIRouter(tags=["documents"])
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": Imported, "description": "It is new"}}


def _answer(imported: Imported, response: Response) -> Imported:
    response.status_code = 201 if imported.status == "created" else 200
    return imported


@router.post("/documents", responses=CREATED)
async def import_document(document: DocumentImport, service: TheService, response: Response) -> Imported:
    """Store a document: 201 when it is new, 200 when it replaces one or changes nothing."""
    [imported] = await service.importer.store([document])
    return _answer(imported, response)


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


@router.post("/documents/import-url", responses=CREATED)
async def import_url(request: UrlImport, service: TheService, response: Response) -> Imported:
    """Fetch a text from a host that AIDB_IMPORT_HOSTS names, and store it; 403 while it names none."""
    [imported] = await service.importer.store([await service.fetch_document(request)])
    return _answer(imported, response)


@router.post("/documents/reembed", status_code=202)
@requires("admin")
async def reembed(
    service: TheService, request: Annotated[Reembed, Body(default_factory=Reembed)]
) -> ReembeddingState:
    """Begin to embed anew what another model embedded; once begun, it goes on where it stopped."""
    return await service.reembedding.begin(drop_vectors=request.drop_vectors)


@router.get("/documents/reembed")
@requires("admin")
async def read_reembedding(service: TheService) -> ReembeddingState:
    """How far embedding anew is."""
    return await service.reembedding.state()


@router.get("/documents")
async def list_documents(
    service: TheService,
    project: Name | None = None,
    collection: Name | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=BIGGEST_ID)] = 0,
) -> DocumentPage:
    """One page of the documents, oldest first."""
    return await service.library.list(project=project, collection=collection, limit=limit, offset=offset)


@router.get("/documents/{document_id}", response_model_exclude_unset=True)
async def read_document(document_id: DocumentId, service: TheService, content: bool = True) -> Document:
    """One document; ``content=false`` leaves its text out."""
    return await service.library.read(document_id, with_content=content)


@router.delete("/documents/{document_id}", status_code=204)
async def delete_document(document_id: DocumentId, service: TheService) -> None:
    """Delete a document with all its chunks."""
    await service.library.delete(document_id)
