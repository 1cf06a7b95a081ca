"""Named clients against a real server: breaker, problems, repeating, time."""

import asyncio
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from garrison_kit import outbound
from garrison_kit.breaker import Breaker, State
from garrison_kit.dependency import DependencyError
from kit_upstream import CALLS, Call, Upstream, serving_upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving_upstream() as found:
        yield found


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Call:
    return CALLS[request.param]


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_get_that_finds_the_other_side_busy_is_made_again(
    call: Call, upstream: Upstream, status: int
) -> None:
    upstream.statuses = [status, status]
    assert call(upstream.url, name="store").json() == {"status": 200}
    assert len(upstream.seen) == 3


def test_a_post_is_not_made_again_unless_it_is_said_to_be_safe(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [503]
    with pytest.raises(DependencyError):
        call(upstream.url, "POST", {"json": {}}, name="store")
    assert len(upstream.seen) == 1
    upstream.statuses = [503]
    safe = {"json": {}, "extensions": outbound.SAFE_TO_REPEAT}
    assert call(upstream.url, "POST", safe, name="store").status_code == 200


def test_repeating_has_an_end(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [503] * 9
    with pytest.raises(DependencyError, match="store is unavailable"):
        call(upstream.url, name="store")
    assert len(upstream.seen) == 3


def test_a_pause_that_would_outlast_the_call_is_not_taken(call: Call, upstream: Upstream) -> None:
    upstream.statuses, upstream.retry_after = [429], "5"
    began = time.monotonic()
    assert call(upstream.url, name="store", timeout=0.5).status_code == 429
    assert time.monotonic() - began < 3


def test_all_attempts_share_the_time_of_the_call(call: Call, upstream: Upstream) -> None:
    upstream.statuses, upstream.delay = [503] * 9, 0.3
    began = time.monotonic()
    with pytest.raises(DependencyError):
        call(upstream.url, name="store", timeout=0.5, attempts=9)
    assert time.monotonic() - began < 2
    assert len(upstream.seen) <= 2


def test_a_slow_answer_is_a_504(call: Call, upstream: Upstream) -> None:
    upstream.delay = 0.5
    with pytest.raises(DependencyError) as late:
        call(upstream.url, name="store", timeout=0.1)
    assert (late.value.status, late.value.detail) == (504, "store did not answer in time.")


def test_what_the_other_side_waited_for_in_vain_is_a_504_too(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [504]
    with pytest.raises(DependencyError) as late:
        call(upstream.url, name="store")
    assert late.value.status == 504


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_an_absent_service_opens_the_breaker(call: Call) -> None:
    breaker = Breaker("store", failures=2)
    url = f"http://127.0.0.1:{free_port()}"
    for _ in range(2):
        with pytest.raises(DependencyError) as refused:
            call(url, name="store", breaker=breaker)
        assert refused.value.reason == "unavailable"
    with pytest.raises(DependencyError) as refused:
        call(url, name="store", breaker=breaker)
    assert (refused.value.reason, breaker.state) == ("open", State.OPEN)


def test_5xx_answers_count_and_4xx_answers_do_not(call: Call, upstream: Upstream) -> None:
    breaker = Breaker("store", failures=2)
    upstream.statuses = [404, 422, 400, 500, 500]
    for status in (404, 422, 400):
        assert call(upstream.url, "POST", name="store", breaker=breaker).status_code == status
    assert breaker.state is State.CLOSED
    for _ in range(2):
        with pytest.raises(DependencyError):
            call(upstream.url, "POST", name="store", breaker=breaker)
    assert breaker.state is State.OPEN


def test_without_a_name_httpx_speaks_for_itself(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [500]
    assert call(upstream.url).status_code == 500
    upstream.delay = 0.5
    with pytest.raises(httpx.TimeoutException):
        call(upstream.url, timeout=0.1)


def test_a_cancelled_call_says_nothing_about_the_other_side(upstream: Upstream) -> None:
    upstream.delay = 0.3
    breaker = Breaker("store", failures=1)

    async def call() -> None:
        async with outbound.async_client(upstream.url, name="store", breaker=breaker) as client:
            async with asyncio.timeout(0.05):
                await client.get("/")

    with pytest.raises(TimeoutError):
        asyncio.run(call())
    assert (breaker.state, breaker.failed) == (State.CLOSED, 0)
