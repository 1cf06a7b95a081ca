"""Liveness says that the process answers; readiness asks each dependency, at once, within its own time."""

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_futures
from dataclasses import dataclass
from typing import Any

import structlog

from garrison_kit.threads import Pool

CACHE_SECONDS = 2.0
_log = structlog.get_logger("garrison_kit.health")


class NotReadyError(Exception):
    """Raised by a check; its text is shown to whoever asks, so it must hold nothing of the inside."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One dependency: ``run`` (a function or coroutine function) raises when it doesn't answer."""

    name: str
    run: Callable[[], Awaitable[None] | None]
    timeout: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """What readiness found: each check with "ok" or the reason why it isn't."""

    checks: dict[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether every check is ok."""
        return all(result == "ok" for result in self.checks.values())

    @property
    def status(self) -> int:
        """The HTTP status: 200 or 503."""
        return 200 if self.is_ready else 503

    def document(self) -> dict[str, Any]:
        """The JSON answer; ``missing`` names what is not there."""
        missing = [name for name, result in self.checks.items() if result != "ok"]
        return {"status": "ready" if not missing else "not ready", "missing": missing, "checks": self.checks}


def live_document(service: str, version: str) -> dict[str, str]:
    """The answer of /health/live; it asks nobody: a dead dependency is no reason to restart this process."""
    return {"status": "live", "service": service, "version": version}


class Readiness:
    """Asks the checks; an answer serves everybody for at most ``CACHE_SECONDS``."""

    def __init__(self, checks: tuple[Check, ...]) -> None:
        self._checks = checks
        self._stopping = False
        self._cached: tuple[float, Report] | None = None
        self._lock = threading.Lock()
        self._async_lock: asyncio.Lock | None = None
        self._pool: Pool | None = None
        self._running: dict[str, Future[None]] = {}

    def stop(self) -> None:
        """From here on the service is not ready: it is shutting down."""
        self._stopping = True

    def ask(self) -> Report:
        """The report, for threaded servers; coroutine checks are run to their end in a thread."""
        with self._lock:
            return self._fresh() or self._keep(self._ask_all())

    async def ask_async(self) -> Report:
        """The report, for asyncio; plain functions run in threads."""
        self._async_lock = self._async_lock or asyncio.Lock()
        async with self._async_lock:
            if (known := self._fresh()) is not None:
                return known
            results = await asyncio.gather(*(self._ask_one_async(check) for check in self._checks))
            return self._keep(dict(results))

    def _fresh(self) -> Report | None:
        if self._stopping:
            return Report(checks={"process": "shutting down"})
        if self._cached and time.monotonic() - self._cached[0] < CACHE_SECONDS:
            return self._cached[1]
        return None

    def _keep(self, checks: dict[str, str]) -> Report:
        report = Report(checks=checks)
        self._cached = (time.monotonic(), report)
        return report

    async def _ask_one_async(self, check: Check) -> tuple[str, str]:
        try:
            async with asyncio.timeout(check.timeout):
                if inspect.iscoroutinefunction(check.run):
                    await check.run()
                else:
                    await asyncio.shield(asyncio.wrap_future(self._start(check)))
        except TimeoutError as error:
            return check.name, _reason(check, error)
        except Exception as error:  # noqa: BLE001 - a check may fail in any way: each means "not ready"
            return check.name, _reason(check, error)
        return check.name, "ok"

    def _ask_all(self) -> dict[str, str]:
        started = time.monotonic()
        futures = [(check, self._start(check)) for check in self._checks]
        results = {}
        for check, future in futures:
            left = started + check.timeout - time.monotonic()
            wait_for_futures([future], timeout=max(left, 0))
            results[check.name] = _result(check, future)
        return results

    def _start(self, check: Check) -> Future[None]:
        # A check that still hangs is waited for again, not started again: hung threads must not pile up.
        running = self._running.get(check.name)
        if running is not None and not running.done():
            return running
        self._pool = self._pool or Pool(max(len(self._checks), 1), "readiness")
        self._running[check.name] = self._pool.submit(_run, check)
        return self._running[check.name]


def _run(check: Check) -> None:
    result = check.run()
    if inspect.iscoroutine(result):
        asyncio.run(result)


def _result(check: Check, future: Future[None]) -> str:
    if not future.done():
        return _reason(check, TimeoutError())
    error = future.exception()
    return "ok" if error is None else _reason(check, error)


def _reason(check: Check, error: BaseException) -> str:
    if isinstance(error, NotReadyError):
        return str(error)
    _log.warning("check_failed", check=check.name, reason=f"{type(error).__name__}: {error}")
    return f"no answer within {check.timeout:g} s" if isinstance(error, TimeoutError) else "failed"
