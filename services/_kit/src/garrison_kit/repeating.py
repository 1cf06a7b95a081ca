"""When a call to another service is made again: only what is safe, with jitter, and within the call's time."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, Retrying, stop_after_attempt, stop_before_delay
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_random_exponential

_MARK = "garrison_safe_to_repeat"
SAFE_TO_REPEAT: Mapping[str, Any] = {_MARK: True}
"""``client.post(…, extensions=SAFE_TO_REPEAT)``: doing it twice is as good as doing it once."""

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


def repeat(send: Callable[[], httpx.Response], request: httpx.Request, attempts: int) -> httpx.Response:
    """Send, up to ``attempts`` times; returns the last answer or raises the last error."""
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

    return Retrying(**_policy(request, attempts), before_sleep=close)(send_in_time)


async def repeat_async(
    send: Callable[[], Awaitable[httpx.Response]], request: httpx.Request, attempts: int
) -> httpx.Response:
    """The same for asyncio."""

    async def close(state: RetryCallState) -> None:
        if state.outcome and not state.outcome.failed:
            await state.outcome.result().aclose()

    return await AsyncRetrying(**_policy(request, attempts), before_sleep=close)(send)


def _end(request: httpx.Request) -> float | None:
    seconds = whole_timeout(request)
    return None if seconds is None else time.monotonic() + seconds


def _least(one: float | None, other: float) -> float:
    return other if one is None else min(one, other)


def _policy(request: httpx.Request, attempts: int) -> dict[str, Any]:
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

    stop: stop_base = stop_after_attempt(attempts)
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
