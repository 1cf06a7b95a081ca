"""Runs the extraction of patterns every so often; a run that fails is tried again at the next."""

import asyncio
import random

import structlog
from garrison_kit.problems import HttpProblemError

from hybrid_coordinator.collections import Collections
from hybrid_coordinator.extraction import Extraction

_CATCH_UP = 1.0
_log = structlog.get_logger("hybrid_coordinator.background")


class Periodic:
    """One task, with a pause between runs that no two processes share."""

    def __init__(self, extraction: Extraction, collections: Collections, interval: float) -> None:
        self._extraction, self._collections, self._interval = extraction, collections, interval
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start; the first run comes after one pause."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop, in the middle of a run if there is one: it is made good by the next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        is_done = True
        while True:
            # One run is bounded; with an interval after each, more than it takes would never be caught up with.
            pause = self._interval if is_done else min(_CATCH_UP, self._interval)
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - a pause, no secret
            is_done = True
            try:
                self._collections.require()
                done = await self._extraction.run()
            except HttpProblemError as error:
                _log.warning("extraction_waits", reason=error.detail)
            except Exception:  # noqa: BLE001 - one bad run must not end all later ones
                _log.exception("extraction_failed")
            else:
                is_done = done.is_done
                if done.read:
                    _log.info("extraction_done", read=done.read, written=done.written, removed=done.removed)
