"""What is asked is counted on the side, and never at the cost of who asks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aidb.database import open_engine
from aidb.settings import Settings
from aidb.telemetry.recorder import Recorder
from aidb.telemetry.retention import Retention
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import PASSWORD, free_port, wait_for
from prometheus_client import CollectorRegistry


@pytest.fixture(scope="module")
def counted(stack: Stack, launch: Launch) -> Iterator[Aidb]:
    """An aidb that nobody else asks."""
    stack.postgres.make_database("counted")
    aidb = launch("counted", telemetry_rows=1000)
    aidb.wait_until_ready()
    yield aidb
    aidb.close()


def summary(aidb: Aidb) -> dict[str, Any]:
    answer = aidb.reader.get("/telemetry/summary")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_summary_counts_what_was_asked_and_how_long_it_took(counted: Aidb) -> None:
    document = {"project": "p", "path": "a", "title": "t", "content": "A heron."}
    assert counted.http.post("/documents", json=document).status_code == 201
    # The cache is one Redis for all modules: these queries are asked here alone.
    for query in ("a heron counted", "a heron counted", "a heron counted", "an egret counted"):
        assert counted.reader.post("/search", json={"query": query}).status_code == 200
    assert counted.reader.get("/documents/999").status_code == 404
    wait_for("events are stored", lambda: summary(counted)["events"] >= 6)
    found = summary(counted)
    assert found["by_kind"] == {"search": 4, "document_import": 1, "document_read": 1}
    assert (found["searches"], found["imports"], found["failures"]) == (4, 1, 1)
    assert found["by_client"] == {"reader": 5, "writer": 1}
    assert found["cache_hit_rate"] == 0.5
    assert 0 < found["search_latency"]["p50_ms"] <= found["search_latency"]["p99_ms"]
    assert found["since"] < found["last_event_at"]


@asynccontextmanager
async def recording(port: int, registry: CollectorRegistry, **options: Any) -> AsyncIterator[Recorder]:
    """A recorder of the test's own, in this process; stopped at the end."""
    settings = Settings(postgres_host="127.0.0.1", postgres_port=port, postgres_database="counted")
    engine = open_engine(settings, PASSWORD, pool=1, pool_timeout=1)
    recorder = Recorder(engine, Retention(days=30, rows=1000), registry, **options)
    recorder.begin()
    try:
        yield recorder
    finally:
        await recorder.stop()
        await engine.dispose()


def test_without_a_database_events_are_dropped_and_counted_and_nobody_waits() -> None:
    registry = CollectorRegistry()

    async def ask() -> None:
        async with recording(free_port(), registry, room=10) as recorder:
            for _ in range(30):
                with recorder.watch("search"):
                    pass

    asyncio.run(ask())
    assert registry.get_sample_value("aidb_telemetry_events_total", {"result": "dropped"}) == 30
    assert registry.get_sample_value("aidb_telemetry_events_total", {"result": "stored"}) == 0


def test_what_waits_when_the_service_stops_is_stored(counted: Aidb, stack: Stack) -> None:
    registry = CollectorRegistry()

    async def ask() -> None:
        async with recording(stack.postgres.port, registry) as recorder:
            for _ in range(30):
                with recorder.watch("embed"):
                    pass

    before = summary(counted)["by_kind"].get("embed", 0)
    asyncio.run(ask())
    assert summary(counted)["by_kind"]["embed"] - before == 30


def test_no_more_events_are_kept_than_asked_for(counted: Aidb, stack: Stack) -> None:
    registry = CollectorRegistry()
    with stack.postgres.connect("counted") as connection:
        connection.execute(
            "INSERT INTO telemetry_events (at, kind, client, succeeded, duration_ms, items) "
            "SELECT now() - interval '31 days', 'old', 'x', true, 1, 1 FROM generate_series(1, 10)"
        )
        connection.execute(
            "INSERT INTO telemetry_events (at, kind, client, succeeded, duration_ms, items) "
            "SELECT now(), 'new', 'x', true, 1, 1 FROM generate_series(1, 2000)"
        )

    async def ask() -> None:
        async with recording(stack.postgres.port, registry) as recorder:
            with recorder.watch("embed"):
                pass
            for _ in range(100):
                await asyncio.sleep(0.1)
                if count() <= 1000:
                    break

    def count() -> int:
        with stack.postgres.connect("counted") as connection:
            row = connection.execute("SELECT count(*) FROM telemetry_events").fetchone()
            assert row is not None
            return int(row[0])

    asyncio.run(ask())
    assert count() <= 1000
    assert counted.reader.post("/search", json={"query": "heron", "mode": "text"}).status_code == 200


def test_the_summary_needs_a_key_that_may_read(counted: Aidb) -> None:
    assert counted.reader.get("/telemetry/summary", headers={"X-API-Key": "gk_wrong"}).status_code == 401
