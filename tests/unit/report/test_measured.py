"""Nothing that was measured gets lost on the way from the checks to the report."""

from dataclasses import replace

import pytest

from garrison.controls.code.walked import UNWALKED
from garrison.controls.model import Control
from garrison.controls.result import State
from garrison.evidence.waivers import PlacedWaiver
from garrison.report.measured import EVIDENCE, judge_all, result_of_waivers
from garrison.report.remedies import name_inventory
from garrison.report.result import Result
from garrison.report.rules import Rules
from tests.unit.controls.facts import host_facts
from tests.unit.controls.making import TODAY, collect, control, waiver
from tests.unit.evidence.conftest import Host
from tests.unit.evidence.faults_of_containers import CONTAINERS
from tests.unit.evidence.spoil import add_listener, drop_listener

LISTENERS = {"kind": "evidence", "check": "exposure", "findings": ("unexpected",)}
WALKED = {"kind": "code", "name": "nothing-is-unowned"}
FACTS = {"sshd": {"permitrootlogin": ["no"]}}


def rules(*controls: Control, waivers: tuple[PlacedWaiver, ...] = ()) -> Rules:
    return Rules(controls=collect(*controls), deviations=(), waivers=waivers, today=TODAY)


def judged(
    host: Host, *controls: Control, walked: bool = True, **how: tuple[PlacedWaiver, ...]
) -> list[Result]:
    seen = host.evidence
    snapshot = seen.snapshot.model_copy(update={"host": host_facts(**FACTS)})

    evidence = replace(seen, snapshot=snapshot)
    return list(judge_all("lab", evidence, host.wanted, rules(*controls, **how), "baseline", walked=walked))


def ids(results: list[Result]) -> list[str]:
    return sorted(problem.id for one in results for problem in one.failures)


def test_a_faultless_host_has_its_controls_and_nothing_else(host: Host) -> None:
    assert [(one.control, one.state) for one in judged(host, control())] == [("S06", State.PASSED)]


def test_a_finding_that_a_control_names_is_told_there_alone(host: Host) -> None:
    add_listener(host)
    (found,) = judged(host, control("H18", holds=(LISTENERS,)))
    assert (found.control, found.state) == ("H18", State.FAILED)


def test_a_finding_that_no_control_names_fails_all_the_same(host: Host) -> None:
    add_listener(host)
    drop_listener(8443)(host)
    found = judged(host, control("H18", holds=(LISTENERS,)))
    assert [(one.control, one.family) for one in found] == [("H18", "access"), ("exposure", EVIDENCE)]
    assert {problem.id for problem in found[1].failures} == {"exposure.missing"}


def test_a_control_of_another_level_takes_no_finding_away(host: Host) -> None:
    add_listener(host)
    found = judged(host, control("H18", holds=(LISTENERS,), level="strict"))
    assert [one.control for one in found] == ["exposure"]


@pytest.mark.parametrize("fault", CONTAINERS)
def test_whatever_the_checks_find_is_told_without_any_control(host: Host, fault: str) -> None:
    spoil, expected = CONTAINERS[fault]
    spoil(host)
    assert ids(judged(host, control())) == sorted(expected)


def test_a_waiver_covers_what_no_control_names_too(host: Host) -> None:
    add_listener(host)
    (_, found) = judged(host, control(), waivers=(waiver("exposure.unexpected"),))
    assert found.state is State.WAIVED
    assert [one.waiver for one in found.findings] == ["until 2026-12-31 by anna: It is a lab."]


def without_a_stack(host: Host) -> Host:
    host.snapshot |= {"current": None, "trees": {}, "containers": [], "networks": [], "user_units": {}}
    host.snapshot["listeners"] = [one for one in host.snapshot["listeners"] if one["port"] == 22]
    return host


def test_nothing_of_a_stack_is_missing_where_none_was_deployed(host: Host) -> None:
    every = {"kind": "evidence", "check": "exposure"}
    found = judged(without_a_stack(host), control("H18", holds=(every,)))
    assert [(one.control, one.state) for one in found] == [("H18", State.PASSED)]


def test_a_stray_listener_is_seen_before_there_is_a_stack(host: Host) -> None:
    add_listener(without_a_stack(host))
    assert ids(judged(host, control())) == ["exposure.unexpected"]


@pytest.mark.parametrize(
    "trace",
    [
        {"current": {"link": "releases/1"}},
        {"trees": {"/srv/garrison/releases": {"1/compose.yaml": {"mode": 420}}}},
    ],
    ids=["the current link", "a release"],
)
def test_any_trace_of_a_stack_has_all_of_it_looked_for(host: Host, trace: dict[str, object]) -> None:
    without_a_stack(host).snapshot.update(trace)
    assert "containers-are-the-declared-ones.missing" in ids(judged(host, control()))


def test_what_needs_a_walk_has_failed_when_it_was_asked_and_not_done(host: Host) -> None:
    (found,) = judged(host, control("H22", holds=(WALKED,)))
    assert [problem.what for problem in found.failures] == [UNWALKED]


def test_what_needs_a_walk_is_neither_passed_nor_failed_when_nobody_asked(host: Host) -> None:
    (found,) = judged(host, control("H22", holds=(WALKED,)), walked=False)
    assert (found.state, found.note) == (State.NOT_APPLICABLE, "--quick walks through no file systems.")


def test_an_expired_waiver_is_a_result_of_its_own() -> None:
    (found,) = result_of_waivers(rules(waivers=(waiver("S06", expires="2026-01-01"),)))
    assert found.state is State.FAILED
    assert result_of_waivers(rules(waivers=(waiver("S06"),))) == ()


@pytest.mark.parametrize(
    ("limit", "said"),
    [(False, "deploy inventory/a.py --phases"), (True, "deploy inventory/a.py --limit lab --phases")],
)
def test_a_remedy_can_be_typed_as_it_stands(host: Host, limit: bool, said: str) -> None:
    host.leaks["leaks"] = []
    results = judged(host, control(holds=({"kind": "sshd", "option": "UsePAM", "value": "yes"},)))
    (found,) = name_inventory(results, "inventory/a.py", limit=limit)
    assert said in found.remedy
    assert said in found.failures[0].remedy
