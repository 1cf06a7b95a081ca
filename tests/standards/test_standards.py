from tests.standards.named import Named
from tests.standards.results import Measurement

# What is reached, so that nothing is lost again: all that fails, and what of it the host is to blame for.
LEVEL1_AT_MOST, LEVEL1_OF_HOST = 38, 9
LEVEL2_AT_MOST, LEVEL2_OF_HOST = 54, 20
LYNIS_AT_LEAST = 80


def test_the_tools_find_much_on_a_bare_host(before: Measurement) -> None:
    """Else they would measure nothing."""
    assert len(before.level1.failed) > 100
    assert len(before.level2.failed) > len(before.level1.failed)
    assert before.lynis.index < 70


def test_every_rule_that_fails_is_named_with_its_reason(after: Measurement, named: Named) -> None:
    assert named.missing(after.failed) == []


def test_no_rule_is_named_that_does_not_fail(after: Measurement, named: Named) -> None:
    assert named.stale(after.failed) == []


def test_what_is_said_to_fail_on_a_machine_alone_does_not_fail_here(after: Measurement, named: Named) -> None:
    assert named.of_machine & after.failed == set()


def test_no_rule_is_named_twice(named: Named) -> None:
    assert named.twice == ()


def test_a_rule_called_blind_passes_once_it_is_shown_what_holds(after: Measurement, named: Named) -> None:
    assert named.of_kind("blind") == set(after.blind)


def test_few_rules_of_level_1_fail_because_of_the_host(after: Measurement, named: Named) -> None:
    """What is left once the rules are taken away that don't see what holds, or are wrong."""
    assert len(after.level1.failed.keys() - named.of_kind("blind", "mistaken")) <= LEVEL1_OF_HOST


def test_few_rules_of_level_2_fail_because_of_the_host(after: Measurement, named: Named) -> None:
    assert len(after.level2.failed.keys() - named.of_kind("blind", "mistaken")) <= LEVEL2_OF_HOST


def test_no_more_rules_fail_in_all_than_did(after: Measurement) -> None:
    assert len(after.level1.failed) <= LEVEL1_AT_MOST
    assert len(after.level2.failed) <= LEVEL2_AT_MOST


def test_nothing_fails_that_passed_before(before: Measurement, after: Measurement) -> None:
    """Rules that did not apply before, such as those of auditd, may."""
    assert set(before.level2.passed) & after.failed == set()


def test_lynis_is_content(after: Measurement) -> None:
    assert after.lynis.index >= LYNIS_AT_LEAST
