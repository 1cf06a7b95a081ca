"""What is asked is replaced and is away for some seconds: calls that may wait do, and the breaker hears of none."""

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest
from garrison_kit import outbound
from garrison_kit.breaker import Breaker, State
from garrison_kit.dependency import DependencyError
from garrison_kit.repeating import OUTLASTS_RESTART, SAFE_TO_REPEAT, outlast_restart

ATTEMPTS = 3
SHORT = dict.fromkeys(OUTLASTS_RESTART, 0.5)


class Replaced(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Nobody is there for so many attempts; then it answers, with ``statuses`` first."""

    def __init__(
        self, away: int, *statuses: int, error: type[httpx.TransportError] = httpx.ConnectError
    ) -> None:
        self.away, self.statuses, self.error, self.calls = away, list(statuses), error, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.calls <= self.away:
            raise self.error("away")
        return httpx.Response(self.statuses.pop(0) if self.statuses else 200, request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def ask_sync(transport: Replaced, breaker: Breaker, extensions: dict[str, object]) -> int:
    with outbound.client("http://store", name="store", breaker=breaker, transport=transport) as client:
        return client.post("/", json={}, extensions=extensions).status_code


def ask_async(transport: Replaced, breaker: Breaker, extensions: dict[str, object]) -> int:
    async def ask() -> int:
        async with outbound.async_client(
            "http://store", name="store", breaker=breaker, transport=transport
        ) as client:
            return (await client.post("/", json={}, extensions=extensions)).status_code

    return asyncio.run(ask())


Ask = Callable[[Replaced, Breaker, dict[str, object]], int]


@pytest.fixture(params=["threads", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Ask:
    return {"threads": ask_sync, "asyncio": ask_async}[request.param]


def test_a_call_that_may_wait_outlasts_a_restart_and_the_breaker_hears_nothing(ask: Ask) -> None:
    transport, breaker = Replaced(ATTEMPTS + 3), Breaker("store")
    assert ask(transport, breaker, {**OUTLASTS_RESTART}) == 200
    assert (transport.calls, breaker.failed) == (ATTEMPTS + 4, 0)


def test_a_call_that_may_not_wait_fails_after_its_attempts(ask: Ask) -> None:
    transport, breaker = Replaced(ATTEMPTS + 3), Breaker("store")
    with pytest.raises(DependencyError):
        ask(transport, breaker, {})
    assert (transport.calls, breaker.failed) == (ATTEMPTS, 1)


def test_who_is_not_ready_yet_is_waited_for_and_who_is_busy_is_not(ask: Ask) -> None:
    again = {**OUTLASTS_RESTART, **SAFE_TO_REPEAT}
    loading, busy = Replaced(0, *[503] * (ATTEMPTS + 2)), Replaced(0, *[429] * 9)
    assert ask(loading, Breaker("store"), again) == 200
    assert ask(busy, Breaker("store"), again) == 429
    assert busy.calls == ATTEMPTS


def test_what_may_have_arrived_is_not_sent_again_unless_that_is_safe(ask: Ask) -> None:
    cut = Replaced(1, error=httpx.RemoteProtocolError)
    with pytest.raises(DependencyError):
        ask(cut, Breaker("store"), {**OUTLASTS_RESTART})
    assert cut.calls == 1
    again = Replaced(ATTEMPTS + 3, error=httpx.RemoteProtocolError)
    assert ask(again, Breaker("store"), {**OUTLASTS_RESTART, **SAFE_TO_REPEAT}) == 200


def test_once_a_call_has_waited_in_vain_others_fail_at_once_until_the_breaker_opens(ask: Ask) -> None:
    gone, breaker = Replaced(10_000), Breaker("store", failures=3)
    calls = []
    for _ in range(3):
        before = gone.calls
        with pytest.raises(DependencyError):
            ask(gone, breaker, SHORT)
        calls.append(gone.calls - before)
    assert calls[0] > ATTEMPTS
    assert calls[1:] == [ATTEMPTS, ATTEMPTS]
    assert breaker.state is State.OPEN


def test_after_a_good_call_the_next_one_waits_again(ask: Ask) -> None:
    breaker = Breaker("store")
    with pytest.raises(DependencyError):
        ask(Replaced(10_000), breaker, SHORT)
    assert ask(Replaced(0), breaker, {}) == 200
    assert ask(Replaced(ATTEMPTS + 3), breaker, {**OUTLASTS_RESTART}) == 200


def test_those_who_wait_give_up_together() -> None:
    """A breaker that another's call has told is enough: nobody waits for what is known to be gone."""
    gone, breaker = Replaced(10_000), Breaker("store")

    async def wait() -> list[object]:
        async with outbound.async_client(
            "http://store", name="store", breaker=breaker, transport=gone
        ) as client:
            patient = [client.post("/", json={}, extensions=OUTLASTS_RESTART) for _ in range(3)]
            hasty = client.post("/", json={}, extensions=SHORT)
            return await asyncio.gather(*patient, hasty, return_exceptions=True)

    answers = asyncio.run(asyncio.wait_for(wait(), 10))
    assert {type(answer) for answer in answers} == {DependencyError}


def test_the_call_of_another_library_outlasts_it_too() -> None:
    transport = Replaced(3, error=httpx.ReadError)

    async def once() -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
            return (await client.get("/")).status_code

    assert asyncio.run(outlast_restart(once, Breaker("store"))) == 200
    failed = Breaker("store")
    failed.leave(failed.enter(), succeeded=False)
    transport.calls = 0
    with pytest.raises(httpx.ReadError):
        asyncio.run(outlast_restart(once, failed))
    assert transport.calls == 1


def test_what_readiness_asks_counts_for_nothing_and_is_never_refused(ask: Ask) -> None:
    breaker = Breaker("store", failures=2)
    for _ in range(3):
        with pytest.raises(DependencyError, match="store is unavailable"):
            ask(Replaced(10_000), breaker, {**outbound.PAST_BREAKER})
    assert breaker.is_spotless
    for _ in range(2):
        breaker.leave(breaker.enter(), succeeded=False)
    assert ask(Replaced(0), breaker, {**outbound.PAST_BREAKER}) == 200
    assert breaker.state is State.OPEN


def test_a_call_that_was_long_under_way_when_it_was_cut_off_still_waits(ask: Ask) -> None:
    class Slow(Replaced):
        """The first attempt takes longer than the patience, and is lost."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not self.calls:
                time.sleep(2.1)
            return super().handle_request(request)

    again = {**dict.fromkeys(OUTLASTS_RESTART, 2.0), **SAFE_TO_REPEAT}
    assert ask(Slow(ATTEMPTS + 1, error=httpx.ReadError), Breaker("store"), again) == 200
