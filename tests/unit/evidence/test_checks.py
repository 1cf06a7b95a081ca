"""One spoilt thing, one finding: every check has its failing case here."""

import pytest

from garrison.evidence.checks import CHECKS, Evidence
from tests.unit.evidence.conftest import Host
from tests.unit.evidence.faults import SPOILT


def test_a_host_as_wanted_has_no_finding(host: Host) -> None:
    assert host.problems() == []


@pytest.mark.parametrize("fault", sorted(SPOILT))
def test_one_fault_is_found_and_nothing_else(host: Host, fault: str) -> None:
    spoil, expected = SPOILT[fault]
    spoil(host)
    assert host.ids() == sorted(expected)


@pytest.mark.parametrize("fault", sorted(SPOILT))
def test_a_finding_says_where_what_and_how_to_mend_it(host: Host, fault: str) -> None:
    SPOILT[fault][0](host)
    for problem in host.problems():
        assert problem.where
        assert problem.what.endswith(".")
        assert problem.remedy[0].isupper()
        assert problem.remedy.endswith(".")


def test_every_check_has_a_failing_case() -> None:
    failing = {found.split(".")[0] for _, expected in SPOILT.values() for found in expected}
    assert failing == {check.id for check in CHECKS}


def test_the_ids_of_the_checks_are_unique() -> None:
    ids = [check.id for check in CHECKS]
    assert sorted(set(ids)) == sorted(ids)


def test_what_was_not_measured_is_no_pass(host: Host) -> None:
    seen = Evidence(snapshot=host.evidence.snapshot)
    found = [problem.id for check in CHECKS for problem in check.judge(seen, host.wanted)]
    checks = ("pairs-are-the-declared-ones", "walls-are-up", "secrets-are-nowhere-else")
    assert found == [f"{check}.unmeasured" for check in checks]
