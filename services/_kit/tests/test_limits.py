"""The limits' arithmetic, without any server."""

import math
from contextlib import suppress
from itertools import accumulate

import pytest
from garrison_kit.limits import BodyMeter, Places, Rates, refuse_declared_length
from garrison_kit.problems import HttpProblemError
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(min_value=0, max_value=10**30), st.integers(min_value=0, max_value=10**6))
def test_a_declared_length_is_refused_exactly_above_the_limit(length: int, limit: int) -> None:
    if length > limit:
        with pytest.raises(HttpProblemError) as refused:
            refuse_declared_length(str(length), limit)
        assert refused.value.status == 413
    else:
        refuse_declared_length(str(length), limit)


@given(st.lists(st.integers(min_value=0, max_value=100)))
def test_a_meter_refuses_exactly_above_the_limit(chunks: list[int]) -> None:
    meter, total = BodyMeter(500), 0
    for size in chunks:
        total += size
        if total > 500:
            with pytest.raises(HttpProblemError):
                meter.add(size)
            return
        meter.add(size)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


RATES = st.floats(min_value=0.1, max_value=1000)
STEPS = st.lists(st.floats(min_value=0, max_value=5), min_size=1, max_size=200)


@given(RATES, st.integers(min_value=1, max_value=50), STEPS)
def test_in_no_stretch_of_time_is_more_let_through_than_burst_and_rate_allow(rate, burst, steps) -> None:
    clock = Clock()
    rates = Rates(rate, burst, clock)
    let_through = []
    for at in accumulate(steps, initial=1000.0):
        clock.now = at
        with suppress(HttpProblemError):
            rates.take("anna")
            let_through.append(at)
    for first, start in enumerate(let_through):
        for last in range(first, len(let_through)):
            assert last - first + 1 <= burst + rate * (let_through[last] - start) + 1e-6


@given(RATES, st.integers(min_value=1, max_value=50))
def test_who_waits_as_long_as_told_is_let_through(rate: float, burst: int) -> None:
    clock = Clock()
    rates = Rates(rate, burst, clock)
    for _ in range(burst):
        rates.take("anna")
    with pytest.raises(HttpProblemError) as refused:
        rates.take("anna")
    clock.now += int(refused.value.headers["Retry-After"])
    rates.take("anna")


def test_an_infinite_rate_is_no_limit() -> None:
    rates = Rates(math.inf, 1)
    for _ in range(100):
        rates.take("anna")


def test_a_place_is_free_again_after_an_error() -> None:
    places = Places(1)
    with pytest.raises(ZeroDivisionError), places:
        raise ZeroDivisionError
    with places, pytest.raises(HttpProblemError) as refused:
        places.take()
    assert (refused.value.status, places.taken) == (503, 0)
