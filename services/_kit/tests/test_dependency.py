"""Calls through ``dependency.calling``: bounded, counted by the breaker, and their failures told as problems."""

import asyncio
from collections.abc import Callable

import pytest
from garrison_kit.breaker import Breaker, State
from garrison_kit.dependency import DependencyError, calling


class BrokenError(Exception):
    """What the made-up driver raises."""


class DriverTimeoutError(BrokenError):
    """What the made-up driver raises when it has waited long enough."""


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(BrokenError), breaker.guard_sync():
            raise BrokenError


def call_async(breaker: Breaker, error: Callable[[], Exception] | None, timeout: float = 5.0) -> None:
    async def call() -> None:
        async with calling("store", breaker, timeout=timeout, errors=(BrokenError,)):
            if error is None:
                await asyncio.sleep(60)
            else:
                raise error()

    asyncio.run(call())


def call_sync(breaker: Breaker, error: Callable[[], Exception]) -> None:
    with calling("store", breaker, errors=(BrokenError,)):
        raise error()


@pytest.mark.parametrize("call", [call_async, call_sync])
@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (lambda: BrokenError("postgres://u:hush@db"), 503, "store is unavailable."),
        (lambda: DriverTimeoutError("hush"), 504, "store did not answer in time."),
        (TimeoutError, 504, "store did not answer in time."),
    ],
)
def test_the_drivers_errors_become_problems_that_say_nothing_of_the_inside(
    call: Callable[..., None], error: Callable[[], Exception], status: int, detail: str
) -> None:
    breaker = Breaker("store")
    with pytest.raises(DependencyError) as raised:
        call(breaker, error)
    assert (raised.value.status, raised.value.detail, breaker.failed) == (status, detail, 1)
    assert raised.value.headers == {"Retry-After": "5"}


@pytest.mark.parametrize("call", [call_async, call_sync])
def test_other_errors_pass_and_say_that_the_dependency_answered(call: Callable[..., None]) -> None:
    breaker = Breaker("store", failures=2)
    fail(breaker, 1)
    with pytest.raises(KeyError):
        call(breaker, KeyError)
    fail(breaker, 1)
    assert breaker.state is State.CLOSED


def test_a_call_that_takes_too_long_is_cut_off() -> None:
    breaker = Breaker("store", failures=1)
    with pytest.raises(DependencyError, match="in time"):
        call_async(breaker, None, timeout=0.01)
    assert breaker.state is State.OPEN


def test_the_callers_own_cancellation_is_not_the_dependencys_fault() -> None:
    breaker = Breaker("store", failures=1)

    async def call() -> None:
        async with asyncio.timeout(0.01), calling("store", breaker, timeout=60):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(call())
    assert (breaker.state, breaker.failed) == (State.CLOSED, 0)


def test_an_open_breaker_refuses_the_call() -> None:
    breaker = Breaker("store", failures=1)
    fail(breaker)
    with pytest.raises(DependencyError) as refused:
        call_sync(breaker, BrokenError)
    assert refused.value.reason == "open"
