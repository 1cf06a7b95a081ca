"""The result as OSCAL assessment results 1.1.2, for what collects evidence of many systems."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from garrison.controls.result import State
from garrison.problem import Problem
from garrison.render.version import VERSION
from garrison.report.result import Found, Key, Report, Result

OSCAL = "1.1.2"
# By this alone the names below have the same uuid in every run: a finding is recognised by its own.
_SPACE = UUID("7b0cb8d7-6d7e-5e0a-8f3b-3c2f4c0f7a11")
_PLAN = "Garrison's own controls, docs/controls.md of its repository"
_SATISFIED = frozenset({State.PASSED, State.DEVIATES, State.WAIVED})

Json = dict[str, Any]


def to_oscal(report: Report) -> Json:
    """One result a host: an observation for each control that was measured, a finding for each that applies."""
    return {
        "assessment-results": {
            "uuid": _uuid("run", report.inventory, report.time),
            "metadata": {
                "title": f"Controls of the hosts in {report.inventory}",
                "last-modified": report.time,
                "version": report.time,
                "oscal-version": OSCAL,
                "props": [{"name": "tool", "value": f"Garrison {VERSION}"}],
            },
            "import-ap": {"href": "#" + _uuid("plan", _PLAN)},
            "results": [_of_host(report, host) for host in report.places],
            "back-matter": {
                "resources": [{"uuid": _uuid("plan", _PLAN), "title": _PLAN, "rlinks": [{"href": "docs/controls.md"}]}]
            },
        }
    }  # fmt: skip


def _of_host(report: Report, host: str) -> Json:
    results = report.of(host)
    told: Json = {
        "uuid": _uuid("result", report.inventory, report.time, host),
        "title": host,
        "description": _description(report, host),
        "start": report.time,
        "end": report.time,
        "props": [{"name": "level", "value": report.levels.get(host, "none")}],
        "reviewed-controls": {"control-selections": [_selection(results)]},
    }
    # OSCAL allows no empty list.
    if results:
        told["observations"] = [_observation(report, one) for one in results]
    if findings := [_finding(report, one) for one in results if one.state is not State.NOT_APPLICABLE]:
        told["findings"] = findings
    return told


def _description(report: Report, host: str) -> str:
    problems = report.unanswered.get(host, ())
    if problems:
        return f"It couldn't be looked at. {' '.join(str(one) for one in problems)}"
    return f"What was measured on {host}, by one look at it."


def _selection(results: Iterable[Result]) -> Json:
    ids = dict.fromkeys(one.control for one in results)
    if not ids:
        return {"description": "All were to be; nothing was measured.", "include-all": {}}
    return {"include-controls": [{"control-id": _token(one)} for one in ids]}


def _observation(report: Report, result: Result) -> Json:
    told: Json = {
        "uuid": _uuid("observation", result.host, result.control),
        "title": result.title,
        "description": result.note or _said(result),
        "props": [{"name": "state", "value": str(result.state)}, {"name": "severity", "value": result.severity}],
        "methods": ["TEST"],
        "types": ["finding"] if result.state is State.FAILED else ["control-objective"],
        "collected": report.time,
    }  # fmt: skip
    evidence = [
        {"description": f"{one.problem.where}: {one.problem.what}", "props": _props(result, one)}
        for one in result.findings
    ]
    if evidence:
        told["relevant-evidence"] = evidence
    return told


def _props(result: Result, found: Found) -> list[Json]:
    key = Key.of(result.host, result.control, found.problem)
    props = [
        {"name": "finding", "value": found.problem.id},
        {"name": "fingerprint", "value": _uuid("finding", key.host, key.control, key.finding, key.where, key.what)},
    ]  # fmt: skip
    return [*props, *([{"name": "waiver", "value": found.waiver}] if found.waiver else [])]


def _finding(report: Report, result: Result) -> Json:
    """Whether the control is satisfied here; what somebody answers for is, with the words why."""
    state = "satisfied" if result.state in _SATISFIED else "not-satisfied"
    status: Json = {"state": state, "reason": "pass" if result.state is State.PASSED else "other"}
    if result.state is State.FAILED:
        status["reason"] = "fail"
    words = result.note or "; ".join(one.waiver for one in result.findings if one.waiver)
    if words:
        status["remarks"] = words
    told: Json = {
        "uuid": _uuid("finding", result.host, result.control),
        "title": result.title,
        "description": _said(result),
        "target": {"type": "objective-id", "target-id": _token(result.control), "status": status},
        "related-observations": [{"observation-uuid": _uuid("observation", result.host, result.control)}],
    }
    if result.standards:
        told["props"] = [
            {"name": "standard", "class": quote(name, safe="").replace("%20", "-"), "value": section}
            for name, sections in result.standards.items()
            for section in sections
        ]
    if report.known is not None and result.state is State.FAILED:
        told["remarks"] = "Known from the baseline." if report.is_known(result) else "New since the baseline."
    return told


def _said(result: Result) -> str:
    problems: Iterable[Problem] = (one.problem for one in result.findings)
    return " ".join(str(one) for one in problems) or f"{result.title}: {result.state}."


def _token(name: str) -> str:
    """An id begins with a letter or an underscore, and has no other signs than these."""
    plain = "".join(sign if sign.isalnum() or sign in "-._" else "-" for sign in name)
    return plain if plain[:1].isalpha() else f"_{plain}"


def _uuid(*names: str) -> str:
    return str(uuid5(_SPACE, "\0".join(names)))
