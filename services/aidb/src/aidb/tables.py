"""The tables as the queries see them; the migrations make them."""

from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.types import UserDefinedType

TEXT_SEARCH = "english"


def write_vector(vector: list[float]) -> str:
    """A vector as SQL has it."""
    return f"[{','.join(map(repr, vector))}]"


class Vector(UserDefinedType[list[float]]):
    """pgvector's type, written as its text form; how many numbers it has is the column's affair."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "vector"

    def bind_processor(self, dialect: Any) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """How a Python list is sent; what ``write_vector`` made is sent as it is."""
        return lambda value: value if value is None or isinstance(value, str) else write_vector(value)

    def bind_expression(self, bindvalue: Any) -> Any:
        """Sent as text, so it must say that it is a vector."""
        return cast(bindvalue, self)


metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("project", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("model", Text, nullable=False),
    Column("chunk_count", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("document_id", BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("project", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("embedding", Vector(), nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

skills = Table(
    "skills",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("checksum", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text),
    Column("managed_by", Text),
    Column("status", Text, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("note", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

tools = Table(
    "tools",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("input_schema", JSONB, nullable=False),
    Column("service", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

events = Table(
    "telemetry_events",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("duration_ms", REAL, nullable=False),
    Column("items", Integer, nullable=False),
    Column("cached", Boolean),
    Column("mode", Text),
)
