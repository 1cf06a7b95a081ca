"""Close misses are met half way."""

import pytest

from garrison.catalog.validate import near

KEYS = ["needs", "secrets", "limits", "publish"]


@pytest.mark.parametrize("typo", ["need", "neds", "Needs"])
def test_a_slip_is_recognised(typo: str) -> None:
    assert near(typo, KEYS, "otherwise") == "Did you mean 'needs'?"


def test_a_word_unlike_any_gets_the_other_remedy() -> None:
    assert near("colour", KEYS, "The keys are listed.") == "The keys are listed."
