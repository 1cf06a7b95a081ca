"""Brings the database's schema to what this version needs, once, however many instances start at the same time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x6169_6462  # "aidb": any constant does, as long as every instance takes the same
_MINIMUM_PGVECTOR = (0, 8)


class SchemaError(RuntimeError):
    """The database cannot hold the schema; the message says what it lacks."""


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _require_pgvector(connection: Connection) -> None:
    found = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    version = connection.scalar(text(found))
    if version is None:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION vector"))
        except ProgrammingError as error:
            raise SchemaError(
                "the database has no extension 'vector' and this role may not create it; "
                "have a superuser run CREATE EXTENSION vector in it"
            ) from error
        version = connection.scalar(text(found))
    if tuple(int(part) for part in str(version).split(".")[:2]) < _MINIMUM_PGVECTOR:
        raise SchemaError(
            f"the extension 'vector' is version {version}; 0.8 or newer is needed for iterative scans"
        )


def _prepare(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    _require_pgvector(connection)
    _migrate(connection)


async def migrate(engine: AsyncEngine) -> None:
    """Apply what is missing, all in one transaction under an advisory lock.

    Raises SchemaError when pgvector is missing or too old, SQLAlchemyError when the database cannot be used.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_prepare)
