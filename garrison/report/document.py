"""The result as JSON: the one document that ``--json`` prints and ``--save`` keeps as a baseline."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from garrison.problem import Problem
from garrison.render.version import VERSION
from garrison.report.result import Report, Result, count

SCHEMA = 1


def to_document(report: Report) -> dict[str, Any]:
    """The keys are stable within a schema's number; docs/checking.md explains each."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "garrison": VERSION,
        "time": report.time,
        "inventory": report.inventory,
        "exit": report.exit_code,
        "counts": _counts(report.results),
        "hosts": [_host(report, host) for host in report.hosts],
        "results": [_result(report, one) for one in report.results],
    }
    if report.known is not None:
        document["fixed"] = [asdict(key) for key in report.fixed or ()]
    return document


def _counts(results: tuple[Result, ...]) -> Mapping[str, int]:
    return {str(state): number for state, number in count(results).items()}


def _host(report: Report, host: str) -> dict[str, Any]:
    problems = report.unanswered.get(host, ())
    return {
        "host": host,
        "level": report.levels[host],
        "answered": not problems,
        "counts": _counts(report.of(host)),
        "problems": [_problem(one) for one in problems],
    }


def _result(report: Report, result: Result) -> dict[str, Any]:
    return {
        "host": result.host,
        "control": result.control,
        "title": result.title,
        "family": result.family,
        "level": result.level,
        "severity": result.severity,
        "state": str(result.state),
        "known": report.is_known(result),
        "note": result.note,
        "why": result.why,
        "remedy": result.remedy,
        "standards": {name: list(sections) for name, sections in result.standards.items()},
        "findings": [_problem(one.problem) | {"waiver": one.waiver or None} for one in result.findings],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"id": problem.id, "where": problem.where, "what": problem.what, "remedy": problem.remedy}
