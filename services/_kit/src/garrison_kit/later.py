"""What requests leave behind, dealt with many at a time by a thread: one by one it cost each more than its handler."""

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakSet

import structlog

SECONDS, MOST = 0.05, 10_000
Thing = TypeVar("Thing")
_log = structlog.get_logger("garrison_kit.later")
_all: "WeakSet[Later[Any]]" = WeakSet()


def flush_all() -> None:
    """Deal with all that waits anywhere, now: before the process ends."""
    for later in list(_all):
        later.flush()


atexit.register(flush_all)


class Later(Generic[Thing]):
    """Things are dealt with at most ``SECONDS`` after they came, and all of them before the process ends.

    Whoever kills the process by force loses what came in its last ``SECONDS``.
    """

    def __init__(self, deal_with: Callable[[Sequence[Thing]], None]) -> None:
        """``deal_with`` gets the things in the order in which they came."""
        self._deal_with = deal_with
        self._waiting: deque[Thing] = deque()
        self._begin()
        os.register_at_fork(after_in_child=self._begin)
        _all.add(self)

    def _begin(self) -> None:
        """In a process of its own: neither the thread nor what waits is inherited."""
        self._waiting.clear()
        self._lock, self._is_due = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, thing: Thing) -> None:
        """Have it dealt with soon. Whoever finds ``MOST`` waiting deals with them first: memory is bounded."""
        self._waiting.append(thing)
        if len(self._waiting) > MOST:
            self.flush()
        elif not self._is_due.is_set():
            self._wake()

    def flush(self) -> None:
        """Deal with all that waits, now."""
        with self._lock:
            things = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                if things:
                    self._deal_with(things)
            except Exception:  # noqa: BLE001 - whatever it was, what comes next is to be dealt with too
                _log.exception("left_undone")

    def _wake(self) -> None:
        self._is_due.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="later", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        while self._is_due.wait():
            time.sleep(SECONDS)
            self._is_due.clear()  # before they are taken: what comes now is not overlooked
            self.flush()
