"""Records events without ever failing or slowing what causes them: a bounded queue and one writer."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

import structlog
from garrison_kit import clients
from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from aidb.tables import events
from aidb.telemetry.retention import Retention, prune

Kind = Literal[
    "search",
    "embed",
    "document_import",
    "document_list",
    "document_read",
    "document_delete",
    "skill_submit",
    "skill_list",
    "skill_read",
    "skill_review",
    "skill_delete",
    "tool_register",
    "tool_list",
    "tool_read",
    "tool_change",
]

_BATCH, _GATHER_SECONDS, _WRITE_SECONDS = 500, 0.5, 10.0
_REST_SECONDS, _PRUNE_SECONDS, _LAST_SECONDS = 5.0, 900.0, 3.0
_log = structlog.get_logger("aidb.telemetry")


@dataclass(kw_only=True, slots=True)
class Event:
    """One thing that a client asked for; who does it fills in what it learns."""

    at: datetime
    kind: Kind
    client: str
    succeeded: bool = False
    duration_ms: float = 0.0
    items: int = 0
    cached: bool | None = None
    mode: str | None = None


class Recorder:
    """``watch`` puts events into the queue; the writer carries them to the database in batches."""

    def __init__(
        self, engine: AsyncEngine, retention: Retention, registry: CollectorRegistry, *, room: int = 10_000
    ) -> None:
        self._engine, self._retention = engine, retention
        self._queue: asyncio.Queue[Event] = asyncio.Queue(room)
        self._writer: asyncio.Task[None] | None = None
        self._pruned_at = -_PRUNE_SECONDS
        self._events = Counter(
            "aidb_telemetry_events", "What became of events", ("result",), registry=registry
        )
        for result in ("stored", "dropped"):
            self._events.labels(result)
        Gauge("aidb_telemetry_queue", "Events that wait to be stored", registry=registry).set_function(
            self._queue.qsize
        )

    @contextmanager
    def watch(self, kind: Kind, mode: str | None = None) -> Iterator[Event]:
        """Around what is recorded; the event is queued at the end, or dropped and counted when there is no room."""
        client = clients.current()
        event = Event(at=datetime.now(UTC), kind=kind, client=client.name if client else "nobody", mode=mode)
        started = time.perf_counter()
        try:
            yield event
            event.succeeded = True
        finally:
            event.duration_ms = (time.perf_counter() - started) * 1000
            try:
                self._queue.put_nowait(event)
            except asyncio.QueueFull:
                self._events.labels("dropped").inc()

    def begin(self) -> None:
        """Start the writer."""
        self._writer = asyncio.create_task(self._write_on())

    async def stop(self) -> None:
        """Store what waits, within a few seconds, and stop."""
        if self._writer is None:
            return
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        rest = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        if rest and not await self._try_store(rest, _LAST_SECONDS):
            self._events.labels("dropped").inc(len(rest))

    async def _write_on(self) -> None:
        batch: list[Event] = []
        try:
            while True:
                batch.append(await self._queue.get())
                await asyncio.sleep(_GATHER_SECONDS)
                while len(batch) < _BATCH and not self._queue.empty():
                    batch.append(self._queue.get_nowait())
                while not await self._try_store(batch, _WRITE_SECONDS):
                    await asyncio.sleep(_REST_SECONDS)
                batch = []
                await self._prune_now_and_then()
        finally:
            # Stopped in the middle: back into the queue, where stop() finds them.
            for event in batch:
                if not self._queue.full():
                    self._queue.put_nowait(event)

    async def _try_store(self, batch: list[Event], seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds), self._engine.begin() as connection:
                await connection.execute(insert(events), [asdict(event) for event in batch])
        except (SQLAlchemyError, OSError) as error:
            _log.warning("telemetry_not_stored", events=len(batch), reason=type(error).__name__)
            return False
        self._events.labels("stored").inc(len(batch))
        return True

    async def _prune_now_and_then(self) -> None:
        if time.monotonic() - self._pruned_at < _PRUNE_SECONDS:
            return
        self._pruned_at = time.monotonic()
        try:
            async with asyncio.timeout(_WRITE_SECONDS), self._engine.begin() as connection:
                await prune(connection, self._retention)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("telemetry_not_pruned", reason=type(error).__name__)
