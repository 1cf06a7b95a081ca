"""Every control and every check holds on every deployed host."""

import pytest

from garrison.controls.applies import FACTS
from garrison.controls.load import load_controls
from garrison.controls.model import Control
from garrison.controls.result import State
from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.report import Verdict
from garrison.plan.wanted import Wanted
from garrison.report.result import Result
from tests.compliance.live import LiveHost, live_hosts

CONTROLS = load_controls().by_id.values()
# What the hosts' levels ask for, which the inventory tells; all where there is no host.
ASKED = [
    one for one in CONTROLS if any(one.is_in(host.settings.hardening) for host in live_hosts())
] or CONTROLS


@pytest.mark.parametrize("control", ASKED, ids=[f"{one.id} {one.title}" for one in ASKED])
def test_every_control_of_the_host_s_level_holds(
    live: LiveHost, results: dict[str, Result], control: Control
) -> None:
    """An inventory may have hosts of both levels: one that is held to less has no result of what it isn't held to."""
    assert (control.id in results) is control.is_in(live.settings.hardening)
    result = results.get(control.id)
    assert [str(problem) for problem in (result.failures if result else ())] == []
    if result and result.state is State.NOT_APPLICABLE:
        pytest.skip(f"not applicable: {result.note}")


@pytest.mark.parametrize("fact", ["stack", "containers", "podman"])
def test_no_control_of_the_stack_is_left_out(seen: tuple[Evidence, Wanted], fact: str) -> None:
    """What a machine hasn't may excuse a control; what every deploy makes may not."""
    assert FACTS[fact].holds(seen[0].snapshot) is True


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
