"""What fails on a host now, by the controls alone: no waiver and no deviation excuses anything."""

from collections.abc import Iterable, Mapping

from garrison.controls.code import walked
from garrison.controls.code.registry import FUNCTIONS
from garrison.controls.conditions import Code
from garrison.controls.finding import Found
from garrison.controls.model import Control
from garrison.controls.result import State
from garrison.controls.seen import Seen
from garrison.controls.verdict import judge_control
from garrison.evidence.checks import CHECKS, Evidence
from garrison.plan.wanted import Wanted

Failing = Mapping[str, tuple[Found, ...]]


def find_failing(evidence: Evidence, wanted: Wanted, controls: Iterable[Control]) -> Failing:
    """The findings of every control that fails, by its id."""
    problems = {check.id: check.judge(evidence, wanted) for check in CHECKS}
    seen = Seen(evidence=evidence, wanted=wanted, problems=problems)
    judged = ((control.id, judge_control(control, seen)) for control in controls)
    return {name: found for name, (state, found, _) in judged if state is State.FAILED}


def is_unseen(found: tuple[Found, ...]) -> bool:
    """Whether a control fails only for what wasn't looked at."""
    return all(one.is_unseen for one in found)


def in_order(controls: Iterable[Control]) -> list[Control]:
    """What breaks others comes after them: each can then be seen to fail by itself.

    What walks find comes first: a mode that is broken for another control would be found by them too.
    """
    first = sorted(controls, key=lambda one: (not is_walked(one), one.id))
    waiting, ordered = {one.id: one for one in first}, list[Control]()
    while waiting:
        free = [one for one in waiting.values() if not breaks(one) & (waiting.keys() - {one.id})]
        for control in free or list(waiting.values()):
            ordered.append(waiting.pop(control.id))
    return ordered


def is_walked(control: Control) -> bool:
    """Whether it is judged by what a walk over the file systems finds."""
    names = (each.name for each in control.holds if isinstance(each, Code))
    return any(FUNCTIONS[name].__module__ == walked.__name__ for name in names)


def breaks(control: Control) -> frozenset[str]:
    """The others that necessarily fail with it."""
    return frozenset(control.broken_by.breaks if control.broken_by else ())


def tell(failing: Failing) -> str:
    """For a person who reads a failed test."""
    return "\n".join(f"{name}: {one.where}: {one.what}" for name, found in failing.items() for one in found)
