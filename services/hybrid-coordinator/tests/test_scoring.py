"""The value of an interaction follows its parts, and only what worked becomes valuable."""

import time

import pytest
from hybrid_coordinator.scoring import (
    COMPLEXITY,
    FEEDBACK,
    NOVELTY,
    OUTCOME,
    REUSABILITY,
    complexity_of,
    has_code,
    novelty_of,
    reusability_of,
    value_of,
)

STEPS = (
    "1. Test the configuration:\n```\nnginx -t\n```\n"
    "2. Reload it with `systemctl reload nginx`, which drops nobody."
)
BEST = {"reusability": 1.0, "complexity": 1.0, "novelty": 1.0}


def test_the_weights_are_those_that_are_documented() -> None:
    assert (OUTCOME, FEEDBACK, REUSABILITY, COMPLEXITY, NOVELTY) == (0.4, 0.2, 0.2, 0.1, 0.1)


def test_the_best_of_everything_is_worth_one_and_the_worst_nothing() -> None:
    assert value_of(outcome="success", user_feedback=1.0, **BEST) == 1.0
    worst = {"reusability": 0.0, "complexity": 0.0, "novelty": 0.0}
    assert value_of(outcome="failure", user_feedback=-1.0, **worst) == 0.0


@pytest.mark.parametrize("outcome", ["failure", "unknown"])
def test_without_a_known_good_end_nothing_reaches_the_high_value(outcome: str) -> None:
    assert value_of(outcome=outcome, user_feedback=None, **BEST) < 0.7


def test_a_plain_success_with_a_reusable_answer_reaches_the_high_value() -> None:
    parts = {"reusability": reusability_of(STEPS), "complexity": 0.2, "novelty": 0.6}
    assert value_of(outcome="success", user_feedback=None, **parts) >= 0.7


def test_details_of_one_machine_make_an_answer_less_reusable() -> None:
    assert reusability_of(STEPS + " Log in to 10.1.2.3 as root@host.example first.") < reusability_of(STEPS)


def test_novelty_is_the_distance_to_the_nearest_other() -> None:
    assert novelty_of(None) == 1.0
    assert novelty_of(0.9) == pytest.approx(0.1)
    assert novelty_of(1.0000001) == 0.0


def test_longer_work_with_more_contexts_is_more_complex() -> None:
    assert complexity_of("why?", "because", 0) < complexity_of("why? " * 50, STEPS * 5, 4)


@pytest.mark.parametrize("hostile", ["\n", "\n ", " ", "\t", "`", "-", "1", "a.", "0123456789abcdef"])
def test_no_text_costs_the_square_of_its_length(hostile: str) -> None:
    def seconds(text: str) -> float:
        started = time.perf_counter()
        reusability_of(text)
        has_code(text)
        return time.perf_counter() - started

    ordinary = min(seconds((STEPS + " ") * 200) for _ in range(3))
    length = len((STEPS + " ") * 200)
    assert min(seconds((hostile * length)[:length] + "x") for _ in range(3)) < 100 * ordinary


def test_code_and_steps_are_seen_at_the_beginning_of_any_line() -> None:
    assert has_code("First\n\n  $ ls")
    assert not has_code("It costs 5 $ a day")
    assert reusability_of("Do\n\n \t1) this") > reusability_of("Do this, and 1) that")
