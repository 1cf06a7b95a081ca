"""Every control and every check holds on every deployed host."""

import pytest

from garrison.controls.load import load_controls
from garrison.controls.model import Control
from garrison.controls.result import State
from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.report import Verdict
from garrison.plan.wanted import Wanted
from garrison.report.result import Result
from tests.compliance.live import LiveHost

CONTROLS = load_controls().by_id.values()


@pytest.mark.parametrize("control", CONTROLS, ids=[f"{one.id} {one.title}" for one in CONTROLS])
def test_every_control_of_the_host_s_level_holds(
    live: LiveHost, results: dict[str, Result], control: Control
) -> None:
    if not control.is_in(live.settings.hardening):
        pytest.skip(f"the host is held to {live.settings.hardening}, and this is {control.level}")
    result = results[control.id]
    assert [str(problem) for problem in result.failures] == []
    if result.state is State.NOT_APPLICABLE:
        pytest.skip(f"not applicable: {result.note}")


def test_nothing_fails_that_is_no_control(results: dict[str, Result]) -> None:
    known = {control.id for control in CONTROLS}
    others = [one for one in results.values() if one.control not in known]
    assert [str(problem) for one in others for problem in one.failures] == []


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
