"""Whether a deviation still stands: what makes up for it must pass, and its owner must have looked at it in time."""

import datetime
from collections.abc import Iterator, Mapping

from garrison.controls.applies import FACTS
from garrison.controls.deviations import Deviation, PlacedDeviation
from garrison.controls.result import ControlFinding, ControlVerdict, State
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot


def judge_deviation(
    host: str,
    placed: PlacedDeviation,
    verdicts: Mapping[str, ControlVerdict],
    snapshot: Snapshot,
    today: datetime.date,
) -> ControlVerdict:
    """The verdict on one deviation. Where nothing that compensates applies, it has nothing to make up for either."""
    deviation = placed.deviation
    compensating = [verdicts[name] for name in deviation.compensated_by]
    fact = FACTS[deviation.applies]
    applies = fact.holds(snapshot) is not False
    problems = list(_overdue(placed, today))
    if applies:
        problems += [_uncompensated(placed, one) for one in compensating if _is_open(one)]
    state, note = State.DEVIATES, f"{deviation.we_do} {deviation.because}"
    if problems:
        state = State.FAILED
    elif not applies:
        state, note = State.NOT_APPLICABLE, fact.otherwise
    elif all(one.state is State.NOT_APPLICABLE for one in compensating):
        state, note = State.NOT_APPLICABLE, compensating[0].note
    return ControlVerdict(
        host=host,
        control=deviation.id,
        title=f"Not as the standard says: {deviation.says}",
        family="deviations",
        level="baseline",
        severity="medium",
        state=state,
        findings=tuple(ControlFinding(problem=problem) for problem in problems),
        note=note,
        why=deviation.because,
        where=placed.where,
        standards={str(deviation.standard): deviation.section},
    )


def _is_open(verdict: ControlVerdict) -> bool:
    return verdict.state not in (State.PASSED, State.NOT_APPLICABLE)


def _overdue(placed: PlacedDeviation, today: datetime.date) -> Iterator[Problem]:
    deviation: Deviation = placed.deviation
    if deviation.review < today:
        yield Problem(
            where=placed.where,
            id=f"{deviation.id}.review",
            what=f"it was to be reviewed by {deviation.review}.",
            remedy=f"Have {deviation.owner} decide anew, and set the next date in controls/deviations.yaml.",
        )


def _uncompensated(placed: PlacedDeviation, verdict: ControlVerdict) -> Problem:
    name = placed.deviation.id
    return Problem(
        where=placed.where,
        id=f"{name}.uncompensated",
        what=f"{verdict.control} makes up for it, and its state here is: {verdict.state}.",
        remedy=f"Mend {verdict.control} ({verdict.title}).",
    )
