"""Stops calling a dependency that keeps failing, and lets one call at a time find out whether it is back."""

import random
import threading
import time
from enum import IntEnum
from types import TracebackType

import structlog
from prometheus_client import CollectorRegistry

from garrison_kit import breaker_metrics
from garrison_kit.dependency import DependencyError
from garrison_kit.problems import HttpProblemError

_PROBE_SECONDS = 30.0
_log = structlog.get_logger("garrison_kit.breaker")


class State(IntEnum):
    """The values of the metric ``garrison_breaker_state``."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """One for each dependency of a process; threads and tasks share it.

    ``failures`` failures in a row open it for about ``open_seconds``: calls are refused at once.
    Then one call goes through as the probe: it closes the breaker or opens it again.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = 5,
        open_seconds: float = 5.0,
        registry: CollectorRegistry | None = None,
    ) -> None:
        """``registry``: where its metrics appear; without one, on each /metrics of the process."""
        self.name = name
        self.state = State.CLOSED
        self.failed = self.rejected = 0
        self._limit, self._open_seconds = failures, open_seconds
        self._row = 0
        self._closed_until = 0.0  # before this no call goes through, unless the state is CLOSED
        self._generation = 0
        self._lock = threading.Lock()
        breaker_metrics.show(self, registry)

    def guard(self, errors: tuple[type[Exception], ...] = (Exception,)) -> "Guard":
        """``with`` or ``async with`` it around one call; exceptions of ``errors`` are the dependency's failures.

        A problem made on the way (HttpProblemError) is none, unless it is a DependencyError of this dependency.
        Entering raises DependencyError (open) while the breaker is open.
        """
        return Guard(self, errors)

    guard_sync = guard

    @property
    def is_spotless(self) -> bool:
        """Whether no call has failed since the last one that succeeded."""
        return self.state is State.CLOSED and self._row == 0

    def enter(self) -> int:
        """Begin a call: returns what ``leave`` wants. Raises DependencyError (open)."""
        with self._lock:
            if self.state is not State.CLOSED:
                left = self._closed_until - time.monotonic()
                if left > 0:
                    self.rejected += 1
                    raise DependencyError(self.name, "open", retry_after=left)
                # A probe that never ends must not keep the breaker from asking again.
                self._become(State.HALF_OPEN, _PROBE_SECONDS)
            return self._generation

    def leave(self, permit: int, succeeded: bool | None) -> None:
        """End a call; ``succeeded`` is None when it was given up and so says nothing about the dependency."""
        with self._lock:
            self.failed += succeeded is False
            # A call from before the last change of state says nothing about now.
            if permit != self._generation:
                return
            if succeeded is None:
                self._closed_until = 0.0
            elif succeeded:
                self._row = 0
                if self.state is not State.CLOSED:
                    self._become(State.CLOSED, 0.0)
            else:
                self._row += 1
                if self.state is not State.CLOSED or self._row >= self._limit:
                    # Jitter: the processes that lost a dependency together don't all come back at once.
                    self._become(State.OPEN, self._open_seconds * random.uniform(0.8, 1.2))  # noqa: S311

    def _become(self, state: State, seconds: float) -> None:
        if state is not self.state:
            _log.warning(
                "breaker_changed", dependency=self.name, state=state.name.lower(), failures=self._row
            )
        self.state = state
        self._closed_until = time.monotonic() + seconds
        self._generation += 1


class Guard:
    """One call through a breaker; made by ``Breaker.guard``."""

    __slots__ = ("_breaker", "_errors", "_permit")

    def __init__(self, breaker: Breaker, errors: tuple[type[Exception], ...]) -> None:
        self._breaker, self._errors = breaker, errors

    def __enter__(self) -> None:
        self._permit = self._breaker.enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._breaker.leave(self._permit, self._judge(error))

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def _judge(self, error: BaseException | None) -> bool | None:
        if error is None:
            return True
        if not isinstance(error, Exception):
            return None  # cancelled
        if isinstance(error, HttpProblemError):
            return not (isinstance(error, DependencyError) and error.name == self._breaker.name)
        return not isinstance(error, self._errors)
