"""What was measured on one host as results: every control, and whatever the checks found beyond all controls."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from garrison.controls.code.walked import UNWALKED
from garrison.controls.conditions import Evidence as EvidenceCondition
from garrison.controls.model import Control, Level
from garrison.controls.result import ControlVerdict, State
from garrison.controls.verdict import judge_controls
from garrison.evidence.checks import Evidence
from garrison.evidence.deployed import has_stack
from garrison.evidence.report import Verdict, judge_host, judge_waivers
from garrison.evidence.waivers import PlacedWaiver, Waiver
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.report.result import Found, Result
from garrison.report.rules import Rules

EVIDENCE = "evidence"
_QUICK = "--quick walks through no file systems."
# What is found on a host without a stack though no stack is looked for.
_WITHOUT_A_STACK = frozenset({"exposure.unexpected", "exposure.unknown"})


def judge_all(
    host: str, seen: Evidence, wanted: Wanted, rules: Rules, level: Level, *, walked: bool = True
) -> tuple[Result, ...]:
    """Every control that ``level`` asks for, every deviation, and the findings of the checks that no control names.

    Without ``walked`` nobody asked for walks: what they would have seen is neither good nor bad.
    """
    verdicts = judge_controls(
        host, seen, wanted, rules.controls, rules.deviations, rules.waivers, rules.today, level
    )
    named = tuple(_of_control(one if walked else _unasked(one)) for one in verdicts)
    checked = judge_host(host, seen, wanted, rules.waivers, rules.today)
    return (*named, *_beyond(checked, rules.controls.of_level(level), is_bare=not has_stack(seen.snapshot)))


def result_of_waivers(rules: Rules) -> tuple[Result, ...]:
    """The result about the waivers themselves, where there is something to say: one has expired."""
    verdict = judge_waivers(rules.waivers, rules.today)
    return (_of_check(verdict),) if verdict.findings else ()


def _unasked(verdict: ControlVerdict) -> ControlVerdict:
    """A control that failed only because no file system was walked, as one that nobody asked for."""
    if verdict.state is not State.FAILED or not all(one.problem.what == UNWALKED for one in verdict.findings):
        return verdict
    return replace(verdict, state=State.NOT_APPLICABLE, findings=(), note=_QUICK)


def _of_control(verdict: ControlVerdict) -> Result:
    return Result(
        host=verdict.host,
        control=verdict.control,
        title=verdict.title,
        family=verdict.family,
        level=verdict.level,
        severity=verdict.severity,
        state=verdict.state,
        findings=tuple(_found(one.problem, one.waiver) for one in verdict.findings),
        note=verdict.note,
        why=verdict.why,
        remedy=verdict.remedy,
        standards=verdict.standards,
    )


def _of_check(verdict: Verdict) -> Result:
    return Result(
        host=verdict.host,
        control=verdict.check,
        title=verdict.title,
        family=EVIDENCE,
        severity="high",
        state=State(str(verdict.outcome)),
        findings=tuple(_found(one.problem, one.waiver) for one in verdict.findings),
    )


def _found(problem: Problem, placed: PlacedWaiver | None) -> Found:
    return Found(problem=problem, waiver=_words(placed.waiver) if placed else "")


def _words(waiver: Waiver) -> str:
    return f"until {waiver.expires} by {waiver.owner}: {waiver.reason}"


def _beyond(checked: Iterable[Verdict], asked: Collection[Control], *, is_bare: bool) -> Iterator[Result]:
    named = [condition for control in asked for condition in control.holds]
    conditions = [one for one in named if isinstance(one, EvidenceCondition)]
    for verdict in checked:
        rest = tuple(
            one
            for one in verdict.findings
            if not any(_names(condition, verdict.check, one.problem.id) for condition in conditions)
            and not (is_bare and one.problem.id not in _WITHOUT_A_STACK)
        )
        if rest:
            yield _of_check(replace(verdict, findings=rest))


def _names(condition: EvidenceCondition, check: str, finding: str) -> bool:
    key = finding.removeprefix(f"{check}.")
    return condition.check == check and (not condition.findings or key in condition.findings)
