"""Judges the controls of a level on one host, beside what deviates and what was waived."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from garrison.controls.applies import FACTS
from garrison.controls.compensation import judge_deviation
from garrison.controls.deviations import Deviation, PlacedDeviation
from garrison.controls.finding import Found, unseen
from garrison.controls.judge.condition import judge
from garrison.controls.load import Controls
from garrison.controls.model import Control, Level
from garrison.controls.result import ControlFinding, ControlVerdict, State
from garrison.controls.seen import Seen
from garrison.evidence.checks import CHECKS, Evidence
from garrison.evidence.waivers import PlacedWaiver
from garrison.plan.wanted import Wanted
from garrison.problem import Problem


def judge_controls(
    host: str,
    evidence: Evidence,
    wanted: Wanted,
    controls: Controls,
    deviations: Sequence[PlacedDeviation],
    waivers: Iterable[PlacedWaiver],
    today: datetime.date,
    level: Level,
) -> tuple[ControlVerdict, ...]:
    """The verdict on every control that ``level`` asks for, then on every deviation.

    A waiver past its day covers nothing. A deviation fails when what compensates it doesn't pass (judged at any
    level), or when it is past its review; only one that doesn't fail excuses its control.
    """
    problems = {check.id: check.judge(evidence, wanted) for check in CHECKS}
    seen = Seen(evidence=evidence, wanted=wanted, problems=problems)
    valid = [one for one in waivers if one.expiry(today) is None]
    names = (host, *wanted.settings.server_names)
    all_verdicts = {
        control.id: _judge_control(host, control, controls, seen, names, valid)
        for control in controls.by_id.values()
    }
    deviating = [
        (one.deviation, judge_deviation(host, one, all_verdicts, seen.snapshot, today))
        for one in deviations
        if _is_asked(one, controls, level)
    ]
    excused = {by.control: (by, one) for by, one in deviating if by.control and one.state is State.DEVIATES}
    asked = (all_verdicts[control.id] for control in controls.of_level(level))
    return (*(_excuse(verdict, excused) for verdict in asked), *(one for _, one in deviating))


def _is_asked(placed: PlacedDeviation, controls: Controls, level: Level) -> bool:
    """What excuses a control of strict has nothing to say at baseline."""
    name = placed.deviation.control
    return name is None or controls.by_id[name].is_in(level)


def judge_control(control: Control, seen: Seen) -> tuple[State, tuple[Found, ...], str]:
    """State, findings and the sentence of what isn't applicable, before anybody waives anything."""
    fact = FACTS[control.applies]
    applies = fact.holds(seen.snapshot)
    if applies is None:
        return (
            State.FAILED,
            (unseen("host", f"it didn't tell whether this applies ({control.applies})."),),
            "",
        )
    if not applies:
        return State.NOT_APPLICABLE, (), fact.otherwise
    found = [judge(condition, seen) for condition in control.holds]
    if control.only_if_present:
        absent = [one for each in found for one in each if one.is_absent]
        if absent and all(any(one.is_absent for one in each) for each in found):
            return State.NOT_APPLICABLE, (), f"{absent[0].where}: {absent[0].what}"
        found = [tuple(one for one in each if not one.is_absent) for each in found]
    flat = tuple(dict.fromkeys(one for each in found for one in each))
    return (State.FAILED if flat else State.PASSED), flat, ""


def _judge_control(
    host: str,
    control: Control,
    controls: Controls,
    seen: Seen,
    names: Collection[str],
    waivers: Sequence[PlacedWaiver],
) -> ControlVerdict:
    state, found, note = judge_control(control, seen)
    findings = tuple(_finding(control, one, names, waivers) for one in found)
    if findings and all(one.waiver for one in findings):
        state = State.WAIVED
    return ControlVerdict(
        host=host,
        control=control.id,
        title=control.title,
        family=controls.family(control.id),
        level=control.level,
        severity=control.severity,
        state=state,
        findings=findings,
        note=note,
        why=control.why,
        remedy=control.remedy,
        where=controls.where(control.id),
        standards={str(name): sections for name, sections in control.standards.items()},
    )


def _finding(
    control: Control, found: Found, names: Collection[str], waivers: Sequence[PlacedWaiver]
) -> ControlFinding:
    name = f"{control.id}.unseen" if found.is_unseen else control.id
    problem = Problem(
        where=found.where,
        id=found.known_as or name,
        what=found.what,
        remedy=found.remedy or _told(control.remedy),
    )
    ids = (control.id, problem.id)
    if found.is_unseen:  # whoever answers for a failure doesn't answer for what nobody could see
        waivers = [one for one in waivers if one.waiver.check in (name, problem.id)]
        ids = (name, problem.id)
    covering = next((one for one in waivers if any(one.waiver.covers(names, each) for each in ids)), None)
    return ControlFinding(problem=problem, waiver=covering, is_unseen=found.is_unseen)


def _told(remedy: str) -> str:
    """A remedy is a command, or a sentence."""
    return remedy if remedy[0].isupper() else f"Run `{remedy}`."


def _excuse(
    verdict: ControlVerdict, excused: Mapping[str, tuple[Deviation, ControlVerdict]]
) -> ControlVerdict:
    deviation, by = excused.get(verdict.control, (None, None))
    if deviation is None or by is None or verdict.state is not State.FAILED:
        return verdict
    places = deviation.excuses
    if any(one.is_unseen or (places and one.problem.where not in places) for one in verdict.findings):
        return verdict
    return replace(verdict, state=State.DEVIATES, note=f"{by.control}: {by.note}")
