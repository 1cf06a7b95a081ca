"""Names in a control that lead elsewhere: a fact, a check of the evidence and its findings, a function."""

from collections.abc import Iterable, Iterator

from garrison.catalog.source import Source
from garrison.catalog.validate import near
from garrison.controls.applies import FACTS
from garrison.controls.code import find_functions
from garrison.controls.conditions import Code, Evidence
from garrison.controls.evidence_keys import KEYS
from garrison.controls.model import Control
from garrison.problem import Problem


def find_unknown(control: Control, source: Source) -> Iterator[Problem]:
    """A problem for each name in ``control`` that leads nowhere."""
    if control.applies not in FACTS:
        yield _unknown("fact", control.applies, FACTS, source.where("applies"))
    for index, condition in enumerate(control.holds):
        if isinstance(condition, Evidence):
            yield from _of_evidence(condition, source, index)
        elif isinstance(condition, Code) and condition.name not in find_functions():
            yield _unknown("function", condition.name, find_functions(), source.where("holds", index, "name"))


def _of_evidence(condition: Evidence, source: Source, index: int) -> Iterator[Problem]:
    if condition.check not in KEYS:
        yield _unknown("check", condition.check, KEYS, source.where("holds", index, "check"))
        return
    keys = KEYS[condition.check]
    for number, finding in enumerate(condition.findings):
        if finding not in keys:
            yield _unknown("finding", finding, keys, source.where("holds", index, "findings", number))


def _unknown(kind: str, name: str, known: Iterable[str], where: str) -> Problem:
    names = sorted(known)
    return Problem(
        where=where,
        id=f"controls.unknown-{kind}",
        what=f"there is no {kind} {name!r}.",
        remedy=near(name, names, f"There are {', '.join(names)}."),
    )
