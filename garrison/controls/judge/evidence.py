"""Findings of the live checks of ``garrison.evidence``, which stay the one engine for containers and networks."""

from collections.abc import Iterator

from garrison.controls.conditions import Evidence
from garrison.controls.evidence_keys import KEYS, UNSEEN
from garrison.controls.finding import Found
from garrison.controls.seen import Seen


def judge_evidence(condition: Evidence, seen: Seen) -> Iterator[Found]:
    """The findings that the condition names, and whatever says that nothing was seen."""
    keys = KEYS[condition.check]
    for problem in seen.problems[condition.check]:
        key = problem.id.removeprefix(f"{condition.check}.")
        is_unseen = key in UNSEEN and key not in keys
        if is_unseen or not condition.findings or key in condition.findings:
            yield Found(
                where=problem.where,
                what=problem.what,
                is_unseen=is_unseen,
                known_as=problem.id,
                remedy=problem.remedy,
            )
