"""The threads that search, each with connections of its own, and the time that a search may take."""

import asyncio
import contextvars
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from garrison_kit.problems import HttpProblemError

from nixos_docs.index.shelf import Book, Shelf

Result = TypeVar("Result")
_STEPS = 20_000


class Engine:
    """Runs functions that take a ``Reading`` in a small pool of threads."""

    def __init__(self, shelf: Shelf, threads: int, seconds: float) -> None:
        self.shelf = shelf
        self._pool = ThreadPoolExecutor(threads, "search")
        self._seconds = seconds

    async def run(self, work: Callable[["Reading"], Result]) -> Result:
        """What ``work`` returns. Raises HttpProblemError 504 when it takes too long, and what ``work`` raises."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, self._work, work)

    def close(self) -> None:
        """Wait for running searches, take no more."""
        self._pool.shutdown()

    def _work(self, work: Callable[["Reading"], Result]) -> Result:
        return work(Reading(self.shelf, time.monotonic() + self._seconds))


class Reading:
    """One search's access to the indexes."""

    def __init__(self, shelf: Shelf, deadline: float) -> None:
        self._shelf, self._deadline = shelf, deadline

    @contextmanager
    def open(self, book: Book) -> Iterator[sqlite3.Connection]:
        """The connection to a book, for as long as the search still has time."""
        connection = self._shelf.connection(book)
        connection.set_progress_handler(self._is_late, _STEPS)
        try:
            yield connection
        except sqlite3.OperationalError as error:
            if not self._is_late():
                raise
            raise HttpProblemError(504, "The search took too long; ask for something narrower.") from error
        finally:
            connection.set_progress_handler(None, 0)

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline
