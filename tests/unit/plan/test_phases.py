"""Which phases a run is asked for."""

import pytest

from garrison.plan.phases import PHASES, select_phases
from garrison.problem import ProblemError


def test_every_phase_is_wanted_when_nothing_is_said() -> None:
    assert select_phases(None, None) == frozenset(PHASES)


@pytest.mark.parametrize("through", ["2.2", "tls"])
def test_through_stops_after_a_phase_by_id_or_name(through: str) -> None:
    assert select_phases(through, None) == {"0", "1.1", "2.1", "2.2"}


def test_phases_are_chosen_by_name_or_id_and_preflight_always_belongs_to_them() -> None:
    assert select_phases(None, "tls, 2.3") == {"0", "2.2", "2.3"}


def test_both_together_keep_what_both_allow() -> None:
    assert select_phases("2.1", "host,tls") == {"0", "1.1"}


def test_a_misspelt_phase_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ProblemError, match="Did you mean 'network'"):
        select_phases(None, "netwrok")
