"""Fetches packs in processes of their own, one at a time, and puts what they made in force."""

import asyncio
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from garrison_kit.problems import HttpProblemError
from prometheus_client import CollectorRegistry, Counter, Gauge

from nixos_docs.answers import Synced
from nixos_docs.fetch.bounds import Bounds
from nixos_docs.index.shelf import Book, Shelf
from nixos_docs.packs import Pack
from nixos_docs.settings import Settings
from nixos_docs.sync_pack import INDEX, Order, Outcome

_LONGEST_PAUSE = 600.0
_log = structlog.get_logger("nixos_docs.sync")


class SyncError(HttpProblemError):
    """One pack could not be synced: 502 where upstream is to blame, 503 where we are."""

    def __init__(self, pack: str, status: int, reason: str) -> None:
        super().__init__(status, f"Pack {pack}: {reason}.", headers={"Retry-After": "60"})
        self.pack, self.reason = pack, reason


@dataclass(kw_only=True)
class State:
    """How the syncs of one pack went since the start."""

    running: asyncio.Task[Synced] | None = None
    error: str | None = None
    error_at: float | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Syncer:
    """One for the service."""

    def __init__(self, settings: Settings, shelf: Shelf, registry: CollectorRegistry) -> None:
        self._settings, self._shelf = settings, shelf
        self.states = {name: State() for name in shelf.packs}
        self._one_at_a_time = asyncio.Semaphore(1)
        self._background: list[asyncio.Task[None]] = []
        self._syncs = Counter("nixos_docs_syncs", "Syncs of packs", ("pack", "result"), registry=registry)
        self._entries = Gauge(
            "nixos_docs_pack_entries", "Pages or entries indexed", ("pack",), registry=registry
        )
        for name, book in shelf.books.items():
            self._entries.labels(name).set(book.entries)

    def begin(self) -> None:
        """Start trying for the packs that aren't there as the list wants them."""
        for name, pack in self._shelf.packs.items():
            book = self._shelf.books.get(name)
            if book is None or not book.is_current:
                self._background.append(asyncio.create_task(self._insist(pack)))

    async def stop(self) -> None:
        """End what runs; a half-made index is left to the next start to remove."""
        tasks = [*self._background, *(state.running for state in self.states.values() if state.running)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def sync(self, name: str) -> Synced:
        """Fetch a pack anew; who asks while it is being fetched gets the same answer. Raises SyncError."""
        state = self.states[name]
        if state.running is None or state.running.done():
            state.running = asyncio.create_task(self._sync(self._shelf.packs[name], state))
        # Whoever asked may go away; the sync goes on.
        return await asyncio.shield(state.running)

    async def _insist(self, pack: Pack) -> None:
        pause = self._settings.retry_seconds
        while True:
            try:
                await self.sync(pack.name)
            except SyncError:
                await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - so that packs don't come at once
                pause = min(2 * pause, _LONGEST_PAUSE)
                book = self._shelf.books.get(pack.name)
                if book is not None and book.is_current:
                    return
            else:
                return

    async def _sync(self, pack: Pack, state: State) -> Synced:
        started = time.monotonic()
        try:
            async with self._one_at_a_time:
                book = await self._make(pack)
        except SyncError as error:
            state.error, state.error_at = error.reason, time.time()
            self._syncs.labels(pack.name, "upstream" if error.status == 502 else "failed").inc()
            _log.warning("sync_failed", pack=pack.name, reason=error.reason)
            raise
        seconds = round(time.monotonic() - started, 2)
        state.error = state.error_at = None
        self._syncs.labels(pack.name, "ok").inc()
        self._entries.labels(pack.name).set(book.entries)
        _log.info("synced", pack=pack.name, pack_version=book.version, entries=book.entries, seconds=seconds)
        return Synced(source=pack.name, version=book.version, entries=book.entries, seconds=seconds)

    async def _make(self, pack: Pack) -> Book:
        folder: Path | None = None
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"{pack.name}.", dir=self._shelf.staging))
            await self._build(pack, folder)
            return await asyncio.to_thread(self._shelf.put, pack, folder / INDEX)
        except (OSError, sqlite3.Error) as error:
            _log.exception("sync_broke", pack=pack.name)
            raise SyncError(pack.name, 503, "its index could not be stored") from error
        finally:
            if folder is not None:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _build(self, pack: Pack, folder: Path) -> None:
        outcome = await self._run(pack, folder)
        if outcome.fault is not None:
            raise SyncError(pack.name, 502, outcome.fault)
        if outcome.failure is not None:
            _log.error("sync_broke", pack=pack.name, reason=outcome.failure)
            raise SyncError(pack.name, 503, "its index could not be made")

    async def _run(self, pack: Pack, folder: Path) -> Outcome:
        settings = self._settings
        bounds = Bounds.model_validate(settings, from_attributes=True)
        order = Order(pack=pack, folder=folder, bounds=bounds, extra_ca=settings.extra_ca_file)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "nixos_docs.sync_pack"),
            # /tmp is small; whatever is sorted or spooled belongs beside the index.
            env={**os.environ, "TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(settings.sync_seconds):
                said, errors = await process.communicate(order.model_dump_json().encode())
        except TimeoutError as error:
            reason = f"upstream did not deliver within {settings.sync_seconds:g} s"
            raise SyncError(pack.name, 502, reason) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            tail = errors.decode("utf-8", "replace")[-2000:]
            return Outcome(failure=f"ended with {process.returncode}: {tail}")
        return Outcome.model_validate_json(said)
