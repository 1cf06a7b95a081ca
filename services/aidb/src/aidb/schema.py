"""Brings the database's schema to what this version needs, once, however many instances start at the same time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from aidb.vectors import LARGEST_DIMENSION, storage_of

_LOCK = 0x6169_6462  # "aidb": any constant does, as long as every instance takes the same
_MINIMUM_PGVECTOR = (0, 8)
_COLUMN = "SELECT atttypmod FROM pg_attribute WHERE attrelid = 'chunks'::regclass AND attname = 'embedding'"


class SchemaError(RuntimeError):
    """The database cannot hold the schema; the message says what it lacks."""


def configure(connection: Connection, dimension: int) -> Config:
    """Alembic's configuration for one connection; vectors get ``dimension`` numbers where the table is new."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["dimension"] = dimension
    return config


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


def fit_column(connection: Connection, dimension: int) -> None:
    """Give the vectors' column ``dimension`` numbers while it holds none; one that holds some stays as it is."""
    if connection.scalar(text(_COLUMN)) == dimension:
        return
    if connection.scalar(text("SELECT EXISTS (SELECT FROM chunks)")):
        return
    change = "ALTER TABLE chunks ALTER COLUMN embedding"
    connection.execute(text(f"{change} TYPE vector({dimension:d})"))
    connection.execute(text(f"{change} SET STORAGE {storage_of(dimension)}"))


def _prepare(connection: Connection, dimension: int) -> None:
    if dimension > LARGEST_DIMENSION:
        raise SchemaError(
            f"vectors of {dimension} numbers are expected; the index of pgvector takes {LARGEST_DIMENSION} at most"
        )
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    _require_pgvector(connection)
    command.upgrade(configure(connection, dimension), "head")
    fit_column(connection, dimension)


async def migrate(engine: AsyncEngine, dimension: int) -> int:
    """Apply what is missing, all in one transaction under an advisory lock.

    Returns how many numbers a stored vector has: ``dimension``, unless vectors of another one are there.
    Raises SchemaError when pgvector is missing or too old, SQLAlchemyError when the database cannot be used.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_prepare, dimension)
        return await read_dimension(connection)


async def read_dimension(connection: AsyncConnection) -> int:
    """How many numbers a stored vector has."""
    return int(await connection.scalar(text(_COLUMN)) or 0)
