"""Skills and their approval, the registry of tools, and what was asked when."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SKILLS = """
CREATE TABLE skills (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    description text NOT NULL,
    content text NOT NULL,
    tags text[] NOT NULL,
    checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    size_bytes integer NOT NULL,
    version integer NOT NULL DEFAULT 1,
    source text,
    managed_by text,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected')),
    submitted_by text NOT NULL,
    reviewed_by text,
    reviewed_at timestamptz,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, slug || ' ' || name), 'A')
        || setweight(to_tsvector('english'::regconfig, description), 'B')
        || setweight(to_tsvector('english'::regconfig, content), 'C')
    ) STORED,
    CHECK (status = 'pending' OR reviewed_by IS NOT NULL)
)
"""

_TOOLS = """
CREATE TABLE tools (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    description text NOT NULL,
    input_schema jsonb NOT NULL,
    service text NOT NULL,
    endpoint text NOT NULL,
    tags text[] NOT NULL,
    enabled boolean NOT NULL DEFAULT false,
    registered_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, name || ' ' || service), 'A')
        || setweight(to_tsvector('english'::regconfig, description), 'B')
    ) STORED
)
"""

_EVENTS = """
CREATE TABLE telemetry_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    client text NOT NULL,
    succeeded boolean NOT NULL,
    duration_ms real NOT NULL,
    items integer NOT NULL,
    cached boolean,
    mode text
)
"""

_STATEMENTS = (
    _SKILLS,
    "CREATE INDEX skills_words ON skills USING gin (words)",
    "CREATE INDEX skills_tags ON skills USING gin (tags)",
    _TOOLS,
    "CREATE INDEX tools_words ON tools USING gin (words)",
    "CREATE INDEX tools_tags ON tools USING gin (tags)",
    _EVENTS,
    "CREATE INDEX telemetry_events_at ON telemetry_events (at)",
    # Stale documents are looked for by the model that embedded them.
    "CREATE INDEX documents_model ON documents (model, id)",
)


def upgrade() -> None:
    """Make the tables beside those of documents."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables and all they hold; documents stay."""
    op.execute("DROP INDEX documents_model")
    for table in ("telemetry_events", "tools", "skills"):
        op.execute(f"DROP TABLE {table}")
