"""Documents, their chunks, and the indexes that searches use."""

from alembic import context, op

from aidb.vectors import storage_of

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DOCUMENTS = """
CREATE TABLE documents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project text NOT NULL,
    path text NOT NULL,
    collection text NOT NULL,
    title text NOT NULL,
    content_type text NOT NULL,
    content text NOT NULL,
    checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    size_bytes integer NOT NULL,
    metadata jsonb NOT NULL,
    model text NOT NULL,
    chunk_count integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project, path)
)
"""

# project and collection are repeated on the chunks: a filter must not cost a join inside an index scan.
_CHUNKS = """
CREATE TABLE chunks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    project text NOT NULL,
    collection text NOT NULL,
    position integer NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    embedding vector({dimension}) NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, title), 'A')
        || setweight(to_tsvector('english'::regconfig, content), 'B')
    ) STORED,
    UNIQUE (document_id, position)
)
"""

_STATEMENTS = (
    _DOCUMENTS,
    "CREATE INDEX documents_collection ON documents (collection, id)",
    _CHUNKS,
    # Inline where a page holds it: a search that compares every chunk must not fetch each vector from TOAST.
    "ALTER TABLE chunks ALTER COLUMN embedding SET STORAGE {storage}",
    "CREATE INDEX chunks_project ON chunks (project, collection)",
    "CREATE INDEX chunks_collection ON chunks (collection)",
    "CREATE INDEX chunks_words ON chunks USING gin (words)",
    "CREATE INDEX chunks_embedding ON chunks USING hnsw (embedding vector_cosine_ops)",
)


def upgrade() -> None:
    """Make the tables in an empty database that has the vector extension."""
    dimension = int(context.config.attributes["dimension"])
    for statement in _STATEMENTS:
        op.execute(
            statement.replace("{dimension}", str(dimension)).replace("{storage}", storage_of(dimension))
        )


def downgrade() -> None:
    """Drop the tables and all they hold."""
    op.execute("DROP TABLE chunks")
    op.execute("DROP TABLE documents")
