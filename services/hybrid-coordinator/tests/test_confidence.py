"""Who answers follows from what is known about the question."""

import pytest
from hybrid_coordinator.confidence import (
    Confidence,
    context_part,
    decide,
    history_part,
    simplicity_part,
)

SURE = Confidence(context=0.9, history=0.9, simplicity=1.0)
UNSURE = Confidence(context=0.0, history=0.3, simplicity=0.2)
USUAL = {"threshold": 0.5, "prompt_tokens": 100, "window": 2048}


def test_a_question_with_good_contexts_and_history_is_answered_locally() -> None:
    decision = decide(SURE, **USUAL, has_remote=True)
    assert (decision.route, decision.wanted) == ("local", "local")


def test_a_question_without_them_goes_to_the_remote_where_there_is_one() -> None:
    assert decide(UNSURE, **USUAL, has_remote=True).route == "remote"


def test_without_a_remote_it_stays_local_and_says_why() -> None:
    decision = decide(UNSURE, **USUAL, has_remote=False)
    assert (decision.route, decision.wanted) == ("local", "remote")
    assert "no remote is configured" in decision.reason
    assert "0.15" in decision.reason


def test_a_prompt_that_does_not_fit_the_local_model_wants_the_remote_however_sure() -> None:
    decision = decide(SURE, threshold=0.5, prompt_tokens=4000, window=2048, has_remote=True)
    assert decision.route == "remote"
    assert "4000" in decision.reason


def test_no_contexts_count_as_nothing_known() -> None:
    assert context_part([]) == 0.0
    assert context_part([0.9]) == pytest.approx(0.3)


def test_history_needs_more_than_one_success() -> None:
    assert history_part([]) == 0.5
    assert 0.5 < history_part([("success", None)]) < history_part([("success", 1.0)] * 5)
    assert history_part([("failure", None)] * 3) < 0.5
    assert history_part([("unknown", None)]) == 0.5


def test_long_questions_with_code_are_less_simple() -> None:
    assert simplicity_part("What is Redis?", 2048) > 0.95
    assert simplicity_part("Why? How? When? " * 100 + "```x```", 2048) < 0.4
