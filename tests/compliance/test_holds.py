"""Every check holds on every deployed host."""

import pytest

from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.report import Verdict
from garrison.plan.wanted import Wanted


@pytest.mark.parametrize("check", [check.id for check in CHECKS])
def test_what_must_hold_holds(verdicts: dict[str, Verdict], check: str) -> None:
    assert [str(problem) for problem in verdicts[check].failures] == []


def test_every_pair_of_services_was_tried(seen: tuple[Evidence, Wanted]) -> None:
    evidence, wanted = seen
    assert evidence.pairs
    tried = {(one.source, one.to) for one in evidence.pairs.connections if one.kind == "peer"}
    names = [f"garrison-{name}" for name, service in wanted.catalog.services.items() if service.listen]
    assert {(one, other) for one in names for other in names if one != other} <= tried


def test_the_search_for_secrets_saw_every_container(seen: tuple[Evidence, Wanted]) -> None:
    evidence, wanted = seen
    assert evidence.leaks
    assert evidence.leaks.searched["containers"] == len(wanted.catalog.services)
