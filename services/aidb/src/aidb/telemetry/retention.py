"""How long events are kept, and how many."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.tables import events


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Events older than ``days`` and all but the newest ``rows`` are deleted."""

    days: int
    rows: int


async def prune(connection: AsyncConnection, retention: Retention) -> None:
    """Delete what is past its time or beyond the number kept."""
    oldest = func.now() - timedelta(days=retention.days)
    await connection.execute(delete(events).where(events.c.at < oldest))
    # Ids have gaps (a rolled back batch), so this keeps at most that many rows.
    newest = select(func.max(events.c.id)).scalar_subquery()
    await connection.execute(delete(events).where(events.c.id <= newest - retention.rows))
