"""PostgreSQL: a bounded pool behind a breaker, each use bounded in time."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from garrison_kit.breaker import Breaker
from garrison_kit.dependency import calling
from garrison_kit.problems import HttpProblemError
from sqlalchemy import URL, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from aidb.settings import Settings

LOST = (OperationalError, InterfaceError, PoolTimeoutError, OSError)
"""What says that the database gave no answer, and not that the statement was wrong."""
# Drivers call operational whatever isn't the programmer's fault. Of what the server itself answers only these classes
# say that it is lost: connection, resources, operator, system.
_LOST_STATES = ("08", "53", "57", "58")
_CONTENDED = frozenset({"40001", "40P01", "55P03"})

# One constant ef_search and the strict order: a longer scan continues a shorter one, so pages never overlap.
_SESSION = {
    "application_name": "aidb",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "hnsw.ef_search": "400",
    "hnsw.iterative_scan": "strict_order",
    "hnsw.max_scan_tuples": "200000",
}


def login_of(role: str, password: str) -> str:
    """The login by which this password lets one in as ``role``.

    A role of PostgreSQL has one password; each new one comes with a login of its own, named for it, so that the
    earlier one goes on being good while services change over.
    """
    return f"{role}_{hashlib.sha256(password.encode()).hexdigest()[:8]}"


def open_engine(settings: Settings, password: str, *, pool: int, pool_timeout: float) -> AsyncEngine:
    """An engine with at most ``pool`` connections; it connects when first asked."""
    url = URL.create(
        "postgresql+psycopg",
        username=login_of(settings.postgres_user, password),
        password=password,
        host=settings.postgres_host,
        port=settings.postgres_port,
        database=settings.postgres_database,
    )
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items()),
        },
    )


class StatementError(RuntimeError):
    """The database answered that it cannot do what it was asked: our fault, and no sign that it is lost."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Keep a statement that failed from counting as a database that is lost.

    Raises StatementError for it, or HttpProblemError (503) where another transaction was in the way.
    """
    try:
        yield
    except OperationalError as error:
        state: str | None = getattr(error.orig, "sqlstate", None)
        if state is None or state.startswith(_LOST_STATES):
            raise
        if state in _CONTENDED:
            raise HttpProblemError(
                503, "Others change the same things at this moment; try again.", headers={"Retry-After": "1"}
            ) from error
        raise StatementError(f"the statement failed with {state}") from error


class Database:
    """What every statement of a request goes through."""

    def __init__(self, engine: AsyncEngine, *, read_seconds: float, write_seconds: float) -> None:
        self._engine = engine
        # Each statement of a read sees what is committed anyway: a transaction around it costs two round trips.
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._breaker = Breaker("postgres")
        self._read_seconds, self._write_seconds = read_seconds, write_seconds

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with. Raises DependencyError when the database is lost or too slow."""
        async with calling("postgres", self._breaker, timeout=self._read_seconds, errors=LOST):
            with told_apart():
                async with self._reading.connect() as connection:
                    yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end. Raises DependencyError as ``read``."""
        async with calling("postgres", self._breaker, timeout=self._write_seconds, errors=LOST):
            with told_apart():
                async with self._engine.begin() as connection:
                    yield connection


async def ping(engine: AsyncEngine) -> None:
    """Ask the database for an answer. Raises SQLAlchemyError or OSError when there is none."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
