"""How long a request may take, for all requests of an event loop by one timer: one for each took as long as the log."""

import asyncio
from collections import deque
from types import TracebackType
from typing import Any


class Deadlines:
    """Blocks that may all take the same ``seconds``; ``with deadlines.limit():`` around one, in a task."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: deque[Limit] = deque()
        self._is_watched = False

    def limit(self) -> "Limit":
        """A block of the current task, not yet entered."""
        return Limit(self)

    def _add(self, limit: "Limit") -> None:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._running, self._is_watched = loop, deque(), False
        limit.ends = loop.time() + self._seconds
        self._running.append(limit)
        if not self._is_watched:
            self._watch(loop, limit.ends)

    def _forget_ended(self) -> None:
        # They end in about the order in which they began, so there is nothing to be looked for.
        running = self._running
        while running and running[0].task is None:
            running.popleft()

    def _watch(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        self._is_watched = True
        loop.call_at(until, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_watched = False
        if loop is not self._loop:
            return
        now = loop.time()
        while self._running and (self._running[0].task is None or self._running[0].ends <= now):
            self._running.popleft().expire()
        if self._running:
            self._watch(loop, self._running[0].ends)


class Limit:
    """One block: past its time its task is cancelled, and the block raises TimeoutError, as asyncio.timeout has it."""

    __slots__ = ("_cancelling", "_deadlines", "ends", "is_expired", "task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self.is_expired = False
        self.task: asyncio.Task[Any] | None = None
        self.ends = 0.0

    def __enter__(self) -> "Limit":
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a limit needs a task that it can end")
        self.task, self._cancelling = task, task.cancelling()
        self._deadlines._add(self)
        return self

    def expire(self) -> None:
        """End the block, if it has not ended."""
        if self.task is not None:
            self.is_expired = True
            self.task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self.task = self.task, None
        self._deadlines._forget_ended()
        if not self.is_expired or task is None:
            return
        # Whoever else cancelled the task meanwhile is not to be overheard.
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
