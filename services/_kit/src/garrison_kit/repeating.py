"""When a call to another service is made again: only what is safe, with jitter, and within the call's time."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import httpx
from tenacity import AsyncRetrying, RetryCallState, Retrying, retry_if_exception_type, stop_before_delay
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_random_exponential

from garrison_kit.breaker import Breaker

_MARK, _PATIENCE = "garrison_safe_to_repeat", "garrison_patience"
SAFE_TO_REPEAT: Mapping[str, Any] = {_MARK: True}
"""``client.post(…, extensions=SAFE_TO_REPEAT)``: doing it twice is as good as doing it once."""

RESTART = 30.0
"""Seconds in which what is asked is replaced and serves again, on a busy machine."""
OUTLASTS_RESTART: Mapping[str, Any] = {_PATIENCE: RESTART}
"""The same way: while nobody is there, try for as long as it may be away because it is replaced.

Once a call has waited in vain, others don't until one has succeeded: what is gone for good must open the breaker.
"""
Answer = TypeVar("Answer")

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_AGAIN = frozenset({429, 502, 503})
# The request has not left yet.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout)
_LOST = (*_UNSENT, httpx.NetworkError, httpx.RemoteProtocolError)
_LONGEST_PAUSE = 5.0


def whole_timeout(request: httpx.Request) -> float | None:
    """How long the call may take in all: what its client, or the call itself, set for reading."""
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    return seconds


def repeat(
    send: Callable[[], httpx.Response], request: httpx.Request, attempts: int, breaker: Breaker | None = None
) -> httpx.Response:
    """Send, up to ``attempts`` times; returns the last answer or raises the last error.

    A call that is to outlast a restart is sent more often, as long as ``breaker`` has counted no failure.
    """
    ends = _end(request)

    def send_in_time() -> httpx.Response:
        if ends is not None:
            left = max(ends - time.monotonic(), 0.001)
            given = request.extensions["timeout"]
            request.extensions = {
                **request.extensions,
                "timeout": {kind: _least(seconds, left) for kind, seconds in given.items()},
            }
        return send()

    def close(state: RetryCallState) -> None:
        if state.outcome and not state.outcome.failed:
            state.outcome.result().close()

    return Retrying(**_policy(request, attempts, breaker), before_sleep=close)(send_in_time)


async def repeat_async(
    send: Callable[[], Awaitable[httpx.Response]],
    request: httpx.Request,
    attempts: int,
    breaker: Breaker | None = None,
) -> httpx.Response:
    """The same for asyncio."""

    async def close(state: RetryCallState) -> None:
        if state.outcome and not state.outcome.failed:
            await state.outcome.result().aclose()

    return await AsyncRetrying(**_policy(request, attempts, breaker), before_sleep=close)(send)


async def outlast_restart(ask: Callable[[], Awaitable[Answer]], breaker: Breaker) -> Answer:
    """The same for another library's call, which must be safe to repeat and raise httpx's errors."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(_LOST), stop=_Stop(1, RESTART, breaker), wait=_Pause(), reraise=True
    )
    return await retrying(ask)


class _Stop(stop_base):
    """After so many attempts, or the time of a restart since the first one failed: whatever is later."""

    def __init__(self, attempts: int, patience: float, breaker: Breaker | None) -> None:
        self._attempts, self._patience, self._breaker = attempts, patience, breaker
        self._ends: float | None = None  # a call may have been under way for long when it was cut off

    def __call__(self, retry_state: RetryCallState) -> bool:
        self._ends = self._ends or time.monotonic() + self._patience
        waits_on = (
            time.monotonic() < self._ends
            and self._breaker is not None
            and self._breaker.is_spotless
            and _is_away(retry_state)
        )
        return retry_state.attempt_number >= self._attempts and not waits_on


def _is_away(state: RetryCallState) -> bool:
    """Whether nobody answered, or somebody who isn't ready yet; 429 says that there is somebody."""
    outcome = state.outcome
    return outcome is not None and (outcome.failed or outcome.result().status_code in (502, 503))


def _end(request: httpx.Request) -> float | None:
    seconds = whole_timeout(request)
    return None if seconds is None else time.monotonic() + seconds


def _least(one: float | None, other: float) -> float:
    return other if one is None else min(one, other)


def _policy(request: httpx.Request, attempts: int, breaker: Breaker | None) -> dict[str, Any]:
    # A body that is made while it is sent cannot be sent again.
    is_whole = isinstance(request.stream, httpx.ByteStream)
    is_safe = is_whole and (request.method in _SAFE_METHODS or _MARK in request.extensions)
    errors = _LOST if is_safe else _UNSENT

    def is_worth_it(state: RetryCallState) -> bool:
        outcome = state.outcome
        if outcome is None:
            return False
        if outcome.failed:
            return isinstance(outcome.exception(), errors)
        return is_safe and outcome.result().status_code in _AGAIN

    stop: stop_base = _Stop(attempts, request.extensions.get(_PATIENCE, 0.0), breaker)
    if (seconds := whole_timeout(request)) is not None:
        stop = stop | stop_before_delay(seconds)
    return {
        "retry": is_worth_it,
        "stop": stop,
        "wait": _Pause(),
        "retry_error_callback": lambda state: state.outcome and state.outcome.result(),
    }


class _Pause(wait_base):
    """A random pause that grows, or as long as the answer asks for."""

    _random = wait_random_exponential(multiplier=0.05, max=1.0)

    def __call__(self, retry_state: RetryCallState) -> float:
        pause = self._random(retry_state)
        outcome = retry_state.outcome
        if outcome and not outcome.failed:
            asked = str(outcome.result().headers.get("retry-after", ""))
            if asked.isascii() and asked.isdigit():
                pause = max(pause, min(float(asked), _LONGEST_PAUSE))
        return pause
