"""The breaker opens, probes and closes, in tasks and in threads."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from garrison_kit import breaker_metrics
from garrison_kit.breaker import Breaker, State
from garrison_kit.dependency import DependencyError
from garrison_kit.problems import HttpProblemError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from prometheus_client import CollectorRegistry, generate_latest


class BrokenError(Exception):
    """What the made-up driver raises."""


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(BrokenError), breaker.guard_sync():
            raise BrokenError


def opened(open_seconds: float = 60.0) -> Breaker:
    breaker = Breaker("store", failures=3, open_seconds=open_seconds)
    fail(breaker, 3)
    return breaker


def wait_until_probe(breaker: Breaker) -> None:
    with breaker._lock:
        breaker._closed_until = 0.0


def test_failures_in_a_row_open_it_and_it_refuses_at_once() -> None:
    breaker = opened()
    with pytest.raises(DependencyError) as refused, breaker.guard_sync():
        pytest.fail("the call went through")
    assert (refused.value.status, refused.value.reason) == (503, "open")
    assert 48 <= int(refused.value.headers["Retry-After"]) <= 72


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker("store", failures=3)
    for _ in range(5):
        fail(breaker, 2)
        with breaker.guard_sync():
            pass
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(("error", "state"), [(None, State.CLOSED), (BrokenError(), State.OPEN)])
def test_the_probe_closes_it_or_opens_it_again(error: Exception | None, state: State) -> None:
    breaker = opened()
    wait_until_probe(breaker)
    try:
        with breaker.guard_sync():
            assert breaker.state is State.HALF_OPEN
            if error:
                raise error
    except BrokenError:
        pass
    assert breaker.state is state


def test_it_waits_about_as_long_as_it_was_told() -> None:
    breaker = opened(open_seconds=0.1)
    began = time.monotonic()
    while True:
        try:
            with breaker.guard_sync():
                break
        except DependencyError:
            time.sleep(0.005)
    assert 0.05 <= time.monotonic() - began <= 2.0


def test_of_many_threads_exactly_one_probes() -> None:
    breaker = opened()
    wait_until_probe(breaker)
    together, release = threading.Barrier(20), threading.Event()

    def call(_: int) -> bool:
        together.wait()
        try:
            with breaker.guard_sync():
                release.wait(5)
                return True
        except DependencyError:
            if breaker.rejected == 19:
                release.set()
            return False

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(call, range(20))) == 1
    assert breaker.state is State.CLOSED


def test_of_many_tasks_exactly_one_probes() -> None:
    breaker = opened()
    wait_until_probe(breaker)

    async def call() -> bool:
        try:
            async with breaker.guard():
                await asyncio.sleep(0.01)
                return True
        except DependencyError:
            return False

    async def call_all() -> int:
        return sum(await asyncio.gather(*(call() for _ in range(50))))

    assert asyncio.run(call_all()) == 1


def test_a_cancelled_probe_leaves_the_next_call_to_probe() -> None:
    breaker = opened()
    wait_until_probe(breaker)

    async def probe_and_give_up() -> None:
        async def call() -> None:
            async with breaker.guard():
                await asyncio.sleep(60)

        task = asyncio.create_task(call())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(probe_and_give_up())
    with breaker.guard_sync():
        pass
    assert breaker.state is State.CLOSED


def test_a_call_from_before_it_opened_has_no_say_afterwards() -> None:
    breaker = Breaker("store", failures=1)
    slow = breaker.enter()
    fail(breaker)
    breaker.leave(slow, succeeded=True)
    assert breaker.state is State.OPEN


@pytest.mark.parametrize("error", [HttpProblemError(404, "none"), DependencyError("other", "unavailable")])
def test_problems_that_are_not_the_dependencys_do_not_count(error: HttpProblemError) -> None:
    breaker = Breaker("store", failures=1)
    with pytest.raises(HttpProblemError), breaker.guard_sync():
        raise error
    assert (breaker.state, breaker.failed) == (State.CLOSED, 0)


def test_a_dependency_error_of_its_own_counts() -> None:
    breaker = Breaker("store", failures=1)
    with pytest.raises(DependencyError), breaker.guard_sync():
        raise DependencyError("store", "timeout")
    assert breaker.state is State.OPEN


class BreakerRules(RuleBasedStateMachine):
    """Whatever order calls begin and end in: at most one probe, and never a call through an open breaker."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker("store", failures=2)
        self.running: list[tuple[int, bool]] = []

    @rule()
    def begin(self) -> None:
        was, refusing = self.breaker.state, self.breaker._closed_until > time.monotonic()
        try:
            permit = self.breaker.enter()
        except DependencyError:
            assert was is not State.CLOSED
            assert refusing
        else:
            assert was is State.CLOSED or not refusing
            self.running.append((permit, was is not State.CLOSED))

    @rule(which=st.integers(0, 9), succeeded=st.sampled_from([True, False, None]))
    def end(self, which: int, succeeded: bool | None) -> None:
        if self.running:
            permit, _ = self.running.pop(which % len(self.running))
            self.breaker.leave(permit, succeeded)

    @rule()
    def let_time_pass(self) -> None:
        if self.breaker.state is State.OPEN:
            wait_until_probe(self.breaker)

    @invariant()
    def at_most_one_probe_counts(self) -> None:
        if self.breaker.state is State.HALF_OPEN:
            assert sum(permit == self.breaker._generation for permit, _ in self.running) <= 1


TestBreakerRules = BreakerRules.TestCase


def series(registry: CollectorRegistry) -> dict[str, str]:
    lines = generate_latest(registry).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line.startswith("garrison_breaker_"))


def test_its_metrics_name_the_dependency() -> None:
    registry = CollectorRegistry()
    breaker = Breaker("store", failures=2, registry=registry)
    kept = Breaker("other", registry=registry)
    fail(breaker, 2)
    with pytest.raises(DependencyError), breaker.guard_sync():
        pass
    assert series(registry) == {
        'garrison_breaker_state{dependency="store"}': "2.0",
        'garrison_breaker_state{dependency="other"}': f"{kept.state.value}.0",
        'garrison_breaker_failures_total{dependency="store"}': "2.0",
        'garrison_breaker_failures_total{dependency="other"}': "0.0",
        'garrison_breaker_rejections_total{dependency="store"}': "1.0",
        'garrison_breaker_rejections_total{dependency="other"}': "0.0",
    }


def test_without_a_registry_it_shows_on_every_page_of_the_process() -> None:
    registry = CollectorRegistry()
    breaker_metrics.expose(registry)
    kept = [Breaker("shared-name"), Breaker("shared-name")]
    fail(kept[0], 3)
    fail(kept[1], 1)
    assert series(registry)['garrison_breaker_failures_total{dependency="shared-name"}'] == "4.0"
