"""Sums up the recorded events."""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field
from sqlalchemy import Float, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from aidb.tables import events


class Latency(BaseModel):
    """Percentiles of the searches that succeeded, in milliseconds."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


class Summary(BaseModel):
    """What was asked since ``since``; events take about a second to appear."""

    since: datetime
    events: int
    failures: int
    by_kind: dict[str, int]
    by_client: dict[str, int]
    searches: int
    imports: int
    search_latency: Latency | None = Field(description="null while nothing was searched")
    cache_hit_rate: float | None = Field(
        description="of the searches that needed a query's vector; null without any"
    )
    last_event_at: datetime | None


_PERCENTILES = (0.5, 0.95, 0.99)


async def summarize(connection: AsyncConnection, hours: int) -> Summary:
    """Sum up the last ``hours``."""
    since = await connection.scalar(select(func.now() - timedelta(hours=hours)))
    recent = events.c.at >= since
    totals = select(
        func.count().label("events"),
        func.count().filter(~events.c.succeeded).label("failures"),
        func.max(events.c.at).label("last_event_at"),
        cast(func.count().filter(events.c.cached), Float).label("hits"),
        func.count(events.c.cached).label("lookups"),
    ).where(recent)
    row = (await connection.execute(totals)).one()
    kinds = select(events.c.kind, func.count()).where(recent).group_by(events.c.kind)
    by_kind = {row[0]: row[1] for row in await connection.execute(kinds)}
    number = func.count().label("number")
    callers = select(events.c.client, number).where(recent).group_by(events.c.client)
    callers = callers.order_by(number.desc(), events.c.client).limit(50)
    by_client = {row[0]: row[1] for row in await connection.execute(callers)}
    return Summary(
        since=since or datetime.min,
        events=row.events,
        failures=row.failures,
        by_kind=by_kind,
        by_client=by_client,
        searches=by_kind.get("search", 0),
        imports=by_kind.get("document_import", 0),
        search_latency=await _measure(connection, since),
        cache_hit_rate=round(row.hits / row.lookups, 4) if row.lookups else None,
        last_event_at=row.last_event_at,
    )


async def _measure(connection: AsyncConnection, since: datetime | None) -> Latency | None:
    cuts = [
        func.percentile_cont(cut).within_group(events.c.duration_ms).label(f"cut{number}")
        for number, cut in enumerate(_PERCENTILES)
    ]
    searched = (events.c.at >= since) & (events.c.kind == "search") & events.c.succeeded
    row = (await connection.execute(select(*cuts).where(searched))).one()
    if row.cut0 is None:
        return None
    p50, p95, p99 = (round(float(value), 2) for value in row)
    return Latency(p50_ms=p50, p95_ms=p95, p99_ms=p99)
