"""What clients send."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from aidb import examples
from aidb.examples import shown
from aidb.fields import (
    DEFAULT_COLLECTION,
    Body,
    Checksum,
    Content,
    ContentType,
    Embedding,
    Metadata,
    Name,
    Offset,
    Path,
    Query,
    Title,
    Url,
)

Mode = Literal["vector", "text", "hybrid"]
Group = Literal["document", "chunk"]


class DocumentImport(Body):
    """A document, known by its project and path: sent again, it replaces what was there."""

    model_config = shown(examples.DOCUMENT)

    project: Name
    path: Path
    title: Title
    content: Content
    content_type: ContentType = "text/plain"
    collection: Name = DEFAULT_COLLECTION
    checksum: Annotated[Checksum | None, Field(description="SHA-256 of the content in UTF-8, in hex")] = None
    metadata: Annotated[Metadata, Field(default_factory=dict)]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same document."""
        return self.project, self.path

    @property
    def digest(self) -> str:
        """SHA-256 of the content in UTF-8."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @model_validator(mode="after")
    def _has_its_checksum(self) -> Self:
        if self.checksum is not None and self.checksum != self.digest:
            raise ValueError(f"checksum does not match the content, whose SHA-256 is {self.digest}")
        return self


class UrlImport(Body):
    """A document to fetch: its path is the URL, and its title too, unless told otherwise."""

    model_config = shown(examples.URL)

    url: Annotated[Url, Field(description="https, of a host that the operator allows")]
    project: Name
    path: Path | None = None
    title: Title | None = None
    collection: Name = DEFAULT_COLLECTION
    metadata: Annotated[Metadata, Field(default_factory=dict)]


class BatchImport(Body):
    """Up to 64 documents, stored all or none."""

    model_config = shown(examples.BATCH)

    documents: Annotated[list[DocumentImport], Field(min_length=1, max_length=64)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for number, document in enumerate(self.documents):
            if document.key in seen:
                raise ValueError(f"documents.{number} repeats the project and path of an earlier one")
            seen.add(document.key)
        return self


class Search(Body):
    """A question, and which part of the answer is wanted."""

    model_config = shown(examples.SEARCH, anyOf=[{"required": ["query"]}, {"required": ["embedding"]}])

    query: Annotated[Query | None, Field(description="needed, unless a vector search has an embedding")] = (
        None
    )
    embedding: Annotated[Embedding | None, Field(description="the query's vector, for mode vector")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    offset: Offset = 0
    project: Name | None = None
    collection: Name | None = None
    min_score: Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)] = None
    mode: Mode = "hybrid"
    group: Group = "document"
    include_content: Annotated[bool, Field(description="also give the whole chunk that matched")] = False

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        if self.embedding is not None and self.mode != "vector":
            raise ValueError("embedding is for mode vector only")
        if self.query is None and self.embedding is None:
            raise ValueError("query is missing")
        return self


class Embed(Body):
    """Texts to embed."""

    model_config = shown(examples.TEXTS)

    texts: Annotated[list[Query], Field(min_length=1, max_length=32)]


class Reembed(Body):
    """How to embed anew."""

    drop_vectors: Annotated[
        bool, Field(description="needed once the dimension has changed: stored vectors of another one go")
    ] = False
