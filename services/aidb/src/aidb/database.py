"""The pool of connections to PostgreSQL."""

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from aidb.settings import Settings

# One constant ef_search and the strict order: a longer scan continues a shorter one, so pages never overlap.
_SESSION = {
    "application_name": "aidb",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "hnsw.ef_search": "200",
    "hnsw.iterative_scan": "strict_order",
    "hnsw.max_scan_tuples": "200000",
}


def open_database(settings: Settings, password: str, *, pool: int) -> AsyncEngine:
    """An engine with at most ``pool`` connections; it connects when first asked."""
    url = URL.create(
        "postgresql+psycopg",
        username=settings.postgres_user,
        password=password,
        host=settings.postgres_host,
        port=settings.postgres_port,
        database=settings.postgres_database,
    )
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items()),
        },
    )


async def ping(engine: AsyncEngine) -> None:
    """Ask the database for an answer. Raises SQLAlchemyError or OSError when there is none."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
