"""Alembic on a database of a test's own, without a running aidb."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from aidb.database import login_of
from aidb.schema import configure
from aidb_stack import Stack
from aidb_testbed import DIMENSION, PASSWORD
from alembic import command


@contextmanager
def connected(stack: Stack, database: str) -> Iterator[sqlalchemy.Connection]:
    """A transaction as the role that owns the tables."""
    login = login_of("aidb", PASSWORD)
    url = f"postgresql+psycopg://{login}:{PASSWORD}@127.0.0.1:{stack.postgres.port}/{database}"
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def move(stack: Stack, database: str, revision: str, *, dimension: int = DIMENSION) -> None:
    """Upgrade or, for a revision that starts with -, downgrade."""
    with connected(stack, database) as connection:
        config = configure(connection, dimension)
        if revision.startswith("-"):
            command.downgrade(config, revision.removeprefix("-"))
        else:
            command.upgrade(config, revision)


def describe(stack: Stack, database: str) -> set[tuple[str, str, str]]:
    """Every column of every table and every index, as the database tells them."""
    columns = (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || a.attstorage::text || a.attnotnull "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT attisdropped"
    )
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with connected(stack, database) as connection:
        return {
            tuple(map(str, row)) for query in (columns, indexes) for row in connection.exec_driver_sql(query)
        }  # type: ignore[misc] # rows of three
