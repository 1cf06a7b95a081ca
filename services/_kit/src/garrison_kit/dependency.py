"""Calls to what a service needs: bounded in time, behind a breaker, and their failures told as problems."""

import asyncio
import math
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import structlog

from garrison_kit import tracing
from garrison_kit.problems import HttpProblemError

if TYPE_CHECKING:
    from garrison_kit.breaker import Breaker

Reason = Literal["unavailable", "open", "timeout"]
RETRY_AFTER = 5.0
_DETAILS: dict[Reason, str] = {
    "unavailable": "{name} is unavailable.",
    "open": "{name} is unavailable; it is asked again shortly.",
    "timeout": "{name} did not answer in time.",
}
_log = structlog.get_logger("garrison_kit.dependency")


class DependencyError(HttpProblemError):
    """A dependency gave no answer: 503, or 504 for one that came too late, with Retry-After."""

    def __init__(self, name: str, reason: Reason, *, retry_after: float = RETRY_AFTER) -> None:
        super().__init__(
            504 if reason == "timeout" else 503,
            _DETAILS[reason].format(name=name),
            headers={"Retry-After": str(max(1, math.ceil(retry_after)))},
        )
        self.name = name
        self.reason: Reason = reason


class calling:  # noqa: N801 - read as a verb: ``async with calling("redis", breaker):``
    """Around one call to the dependency ``name``, with ``async with`` or ``with``.

    ``errors`` (and any TimeoutError) become DependencyError and count against ``breaker``; whatever else is
    raised passes, and says that the dependency answered. ``timeout`` bounds ``async with`` only: blocking
    drivers need their own, and what they raise then (a class named for a timeout) is a timeout here too.
    Without a breaker nobody counts: for readiness, which asks often and must not open it.
    The call is a span of the trace, named ``span`` or as the dependency.
    Raises DependencyError: unavailable, timeout, or open when ``breaker`` doesn't let the call through.
    """

    def __init__(
        self,
        name: str,
        breaker: "Breaker | None",
        *,
        timeout: float | None = None,
        errors: tuple[type[Exception], ...] = (OSError,),
        span: str | None = None,
    ) -> None:
        self._name, self._breaker = name, breaker
        self.span = tracing.client_span(name, span or name)
        self._seconds, self._errors = timeout, (*errors, TimeoutError)
        self._timeout: asyncio.Timeout | None = None

    def __enter__(self) -> Self:
        self._permit = self._breaker.enter() if self._breaker else 0
        self.span.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.span.__exit__(kind, error, traceback)
        if error is None or not isinstance(error, self._errors):
            gave_up = error is not None and not isinstance(error, Exception)  # cancelled
            self._leave(None if gave_up else True)
            return
        self._leave(False)
        reason: Reason = "timeout" if is_timeout(error) else "unavailable"
        cause = type(error).__name__
        _log.warning("dependency_failed", dependency=self._name, reason=reason, cause=f"{cause}: {error}")
        raise DependencyError(self._name, reason) from error

    def _leave(self, succeeded: bool | None) -> None:
        if self._breaker:
            self._breaker.leave(self._permit, succeeded)

    async def __aenter__(self) -> Self:
        self.__enter__()
        if self._seconds is not None:
            self._timeout = asyncio.timeout(self._seconds)
            await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timeout is not None:
            try:
                await self._timeout.__aexit__(kind, error, traceback)
            except TimeoutError as late:
                error = late
        self.__exit__(type(error) if error else None, error, traceback)


def is_timeout(error: BaseException) -> bool:
    """Whether ``error`` says that time ran out; drivers have classes of their own for that."""
    return any("timeout" in kind.__name__.lower() for kind in type(error).__mro__)
