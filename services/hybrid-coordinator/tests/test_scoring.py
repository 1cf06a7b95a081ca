"""The value of an interaction follows its parts, and only what worked becomes valuable."""

import pytest
from hybrid_coordinator.scoring import (
    COMPLEXITY,
    FEEDBACK,
    NOVELTY,
    OUTCOME,
    REUSABILITY,
    complexity_of,
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
