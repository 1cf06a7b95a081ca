"""What failed before beside what fails now: so that a pipeline fails on new failures only."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from garrison.controls.result import State
from garrison.problem import Problem, ProblemError
from garrison.report.document import SCHEMA
from garrison.report.result import Key, Report


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Finding(_Part):
    id: str
    where: str
    what: str
    waiver: str | None = None


class _Result(_Part):
    host: str
    control: str
    state: State
    findings: tuple[_Finding, ...] = ()


class _Document(_Part):
    schema_: Literal[1]
    results: tuple[_Result, ...]

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"), extra="ignore", frozen=True)


def read_baseline(where: str, text: str) -> frozenset[Key]:
    """The failures in what ``garrison check --save`` or ``--json`` wrote.

    Raises ProblemError for anything else.
    """
    try:
        document = _Document.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ProblemError([_unreadable(where, f"{place}: {first['msg']}.")]) from None
    return frozenset(_keys(document))


def _keys(document: _Document) -> Iterable[Key]:
    for result in document.results:
        if result.state is not State.FAILED:
            continue
        found = [one for one in result.findings if not one.waiver] or [
            _Finding(id=result.control, where=result.host, what="")
        ]
        for one in found:
            problem = Problem(where=one.where, id=one.id, what=one.what, remedy="")
            yield Key.of(result.host, result.control, problem)


def compare(report: Report, before: frozenset[Key]) -> Report:
    """The report with what is known of it, and with what was fixed.

    A failure of a host or a control that this run didn't look at isn't fixed.
    """
    now = frozenset(key for result in report.results for key in result.keys)
    seen = {(one.host, one.control) for one in report.results}
    fixed = sorted(key for key in before - now if (key.host, key.control) in seen)
    return replace(report, known=before & now, fixed=tuple(fixed))


def _unreadable(where: str, what: str) -> Problem:
    remedy = f"Give a file that `garrison check --save` wrote (schema {SCHEMA})."
    return Problem(
        where=where, id="baseline.unreadable", what=f"it is no result of a check: {what}", remedy=remedy
    )
