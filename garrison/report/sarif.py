"""The result as SARIF 2.1.0, for what collects findings of many tools."""

from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from garrison.controls.result import State
from garrison.problem import Problem
from garrison.render.version import VERSION
from garrison.report.result import Found, Key, Report, Result

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"high": "error", "medium": "warning", "low": "note"}
# GitHub sorts security findings by this number.
_SCORES = {"high": "8.0", "medium": "5.0", "low": "2.0"}

Json = dict[str, Any]


def to_sarif(report: Report) -> Json:
    """One run: a rule for each control, a result for each finding that failed or is waived."""
    rules = {one.control: one for one in sorted(report.results, key=lambda one: one.control)}
    index = {control: number for number, control in enumerate(rules)}
    run: Json = {
        "tool": {"driver": {"name": "Garrison", "version": VERSION, "rules": [_rule(one) for one in rules.values()]}},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(report, one, found, index[one.control]) for one in report.results for found in _told(one)
        ],
    }  # fmt: skip
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _told(result: Result) -> tuple[Found, ...]:
    if result.state not in (State.FAILED, State.WAIVED):
        return ()
    nothing = Problem(
        where=result.host, id=result.control, what=f"{result.title}: it doesn't.", remedy=result.remedy
    )
    return result.findings or (Found(problem=nothing),)


def _rule(control: Result) -> Json:
    tags = [
        control.family,
        control.level,
        *(f"{name} {one}" for name, all_ in control.standards.items() for one in all_),
    ]
    help_ = [control.why or control.title, f"To mend it: {control.remedy}" if control.remedy else ""]
    return {
        "id": control.control,
        "name": control.control,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": control.why or control.title},
        "help": {"text": "\n\n".join(line for line in help_ if line)},
        "defaultConfiguration": {"level": _LEVELS.get(control.severity, "warning")},
        "properties": {
            "tags": [*tags, "security"],
            "security-severity": _SCORES.get(control.severity, "5.0"),
        },
    }  # fmt: skip


def _result(report: Report, result: Result, found: Found, rule: int) -> Json:
    problem = found.problem
    key = Key.of(result.host, result.control, problem)
    told: Json = {
        "ruleId": result.control,
        "ruleIndex": rule,
        "level": _LEVELS.get(result.severity, "warning"),
        "message": {"text": f"{result.host}: {problem}".strip()},
        "locations": [_location(report, result)],
        "partialFingerprints": {"garrisonFinding/v2": _digest(key)},
        "properties": {"host": result.host, "finding": problem.id},
    }
    if found.waiver:
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": found.waiver}]
    if report.known is not None:
        told["baselineState"] = "unchanged" if key in report.known else "new"
    return told


def _location(report: Report, result: Result) -> Json:
    """Nothing in a repository is a host; the inventory's file is what names it."""
    name = f"{result.host}/{result.family}"
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(PurePath(report.inventory).as_posix())},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"name": result.host, "fullyQualifiedName": name, "kind": "resource"}],
    }


def _invocation(report: Report) -> Json:
    notes = [
        {"level": "error", "message": {"text": f"{host}: {problem}"}}
        for host, problems in report.unanswered.items()
        for problem in problems
    ]
    return {
        "executionSuccessful": not report.unanswered,
        "exitCode": report.exit_code,
        "endTimeUtc": report.time,
        "toolExecutionNotifications": notes,
    }


def _digest(key: Key) -> str:
    parts = (key.host, key.control, key.finding, key.where, key.what)
    return sha256("\0".join(parts).encode()).hexdigest()
