"""What clients get."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Status = Literal["created", "updated", "unchanged"]


class Imported(BaseModel):
    """What became of one import."""

    id: int
    project: str
    path: str
    status: Status
    chunks: int
    checksum: str


class BatchImported(BaseModel):
    """What became of each document, in the order given."""

    results: list[Imported]
    created: int
    updated: int
    unchanged: int


class DocumentSummary(BaseModel):
    """A document without its content."""

    id: int
    project: str
    path: str
    collection: str
    title: str
    content_type: str
    checksum: str
    size_bytes: int
    chunks: int
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Document(DocumentSummary):
    """A document, with its content where asked for."""

    content: str | None = None


class DocumentPage(BaseModel):
    """One page of the list, oldest first."""

    documents: list[DocumentSummary]
    total: int
    limit: int
    offset: int
    has_more: bool


class Hit(BaseModel):
    """A chunk that matched; with group=document, the best one of its document."""

    document_id: int
    chunk_id: int
    title: str
    path: str
    project: str
    collection: str
    score: float
    snippet: str
    content: str | None = None


class SearchPage(BaseModel):
    """One page of hits, best first. ``total`` is null where counting would cost more than searching."""

    results: list[Hit]
    limit: int
    offset: int
    has_more: bool
    total: int | None
    mode: str
    query_time_ms: float


class Embeddings(BaseModel):
    """One vector a text, in order."""

    model: str
    dimension: int
    embeddings: list[list[float]]


class Stats(BaseModel):
    """How much is stored."""

    documents: int
    chunks: int
    projects: int
    collections: dict[str, int]
    size_bytes: int
    model: str
    dimension: int
    stale_documents: Annotated[
        int, Field(description="embedded by another model than the current one; see POST /documents/reembed")
    ]
