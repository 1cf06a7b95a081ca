"""A deviation stands while what makes up for it passes and its owner looked at it in time."""

from garrison.controls.result import State
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot
from tests.unit.controls.making import NO_PASSWORD, control, deviation, judged, waiver

BAD = {"sshd": {"permitrootlogin": ["yes"], "passwordauthentication": ["no"]}}
CONTAINER = {
    "kernel": {
        "container": "lxc",
        "release": "6",
        "apparmor": None,
        "audit": None,
        "boot_loader": False,
    }
}


def test_it_deviates_while_its_compensation_passes(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(), deviations=(deviation(),))["D01"]
    assert verdict.state is State.DEVIATES
    assert verdict.standards == {"CIS Debian 13 v1.0.0": ("1.1.1.6",)}


def test_it_fails_with_its_compensation(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(), facts=BAD, deviations=(deviation(),))["D01"]
    assert verdict.state is State.FAILED
    assert verdict.failures[0].what == "S06 makes up for it, and its state here is: failed."


def test_a_waived_compensation_makes_up_for_nothing(wanted: Wanted, bare: Snapshot) -> None:
    found = judged(wanted, bare, control(), facts=BAD, deviations=(deviation(),), waivers=(waiver("S06"),))
    assert found["D01"].state is State.FAILED


def test_one_compensation_that_passes_does_not_hide_one_that_fails(wanted: Wanted, bare: Snapshot) -> None:
    controls = (control(), control("S07", holds=(NO_PASSWORD,)))
    both = deviation(compensated_by=("S07", "S06"))
    assert judged(wanted, bare, *controls, facts=BAD, deviations=(both,))["D01"].state is State.FAILED


def test_a_strict_compensation_is_judged_at_baseline_too(wanted: Wanted, bare: Snapshot) -> None:
    found = judged(wanted, bare, control(level="strict"), facts=BAD, deviations=(deviation(),))
    assert set(found) == {"D01"}
    assert found["D01"].state is State.FAILED


def test_a_review_in_the_past_is_a_failure(wanted: Wanted, bare: Snapshot) -> None:
    late = deviation(review="2026-11-24")
    verdict = judged(wanted, bare, control(), deviations=(late,))["D01"]
    assert [one.id for one in verdict.failures] == ["D01.review"]


def test_the_day_of_the_review_is_in_time(wanted: Wanted, bare: Snapshot) -> None:
    verdict = judged(wanted, bare, control(), deviations=(deviation(review="2026-11-25"),))["D01"]
    assert verdict.state is State.DEVIATES


def test_it_is_not_applicable_where_its_fact_is_false(wanted: Wanted, bare: Snapshot) -> None:
    one = deviation(applies="own-kernel")
    found = judged(wanted, bare, control(), facts=BAD | CONTAINER, deviations=(one,))
    assert found["D01"].state is State.NOT_APPLICABLE


def test_a_review_in_the_past_fails_even_where_it_does_not_apply(wanted: Wanted, bare: Snapshot) -> None:
    one = deviation(applies="own-kernel", review="2026-11-24")
    found = judged(wanted, bare, control(), facts=BAD | CONTAINER, deviations=(one,))
    assert found["D01"].state is State.FAILED


def test_it_is_not_applicable_where_nothing_that_compensates_applies(wanted: Wanted, bare: Snapshot) -> None:
    found = judged(
        wanted, bare, control(applies="own-kernel"), facts=BAD | CONTAINER, deviations=(deviation(),)
    )
    assert found["D01"].state is State.NOT_APPLICABLE
