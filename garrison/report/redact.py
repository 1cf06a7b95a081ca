"""Takes out of a host's words what looks like a secret, and what a terminal would obey."""

import re
from dataclasses import replace

from garrison.problem import Problem
from garrison.report.result import Report, Result

HIDDEN = "[hidden]"

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_HASH = re.compile(r"\$(?:y|gy|7|2[abxy]?|5|6|1|sha1|argon2(?:id|i|d))\$[^\s:'\"]{8,}")
_IN_ADDRESS = re.compile(r"(?P<begin>[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?P<end>@)", re.IGNORECASE)
_HEADER = re.compile(r"(?P<begin>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_NAMED = re.compile(
    r"(?P<begin>[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|credential)[\w-]*[\"']?\s*[=:]\s*[\"']?)"
    r"(?P<value>[^\s\"',;]{8,})",
    re.IGNORECASE,
)


def redact_report(report: Report) -> Report:
    """The report with every text that came from a host redacted: done once, before anything is written of it."""
    unanswered = {
        host: tuple(redact_problem(one) for one in problems) for host, problems in report.unanswered.items()
    }
    return replace(report, results=tuple(redact_result(one) for one in report.results), unanswered=unanswered)


def redact_result(result: Result) -> Result:
    """The result with its findings and its note redacted."""
    findings = tuple(replace(one, problem=redact_problem(one.problem)) for one in result.findings)
    return replace(result, findings=findings, note=redact(result.note))


def redact_problem(problem: Problem) -> Problem:
    """The problem with all its words redacted."""
    return replace(
        problem, where=redact(problem.where), what=redact(problem.what), remedy=redact(problem.remedy)
    )


def redact(text: str) -> str:
    """The text with ``[hidden]`` for keys, hashes of passwords, and values that a telling name stands before.

    Characters that would move a cursor, change colours or turn the direction of writing are shown as unknown, and so is
    half a one, which nothing could print.
    """
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    text = _KEY.sub(HIDDEN, text)
    text = _HASH.sub(HIDDEN, text)
    text = _IN_ADDRESS.sub(rf"\g<begin>{HIDDEN}\g<end>", text)
    text = _HEADER.sub(rf"\g<begin>{HIDDEN}", text)
    return _NAMED.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    """Paths and names of variables are no secrets: ``password=/run/secrets/db`` says where, not what."""
    value = found["value"]
    return found[0] if value.startswith(("/", "$", HIDDEN)) else f"{found['begin']}{HIDDEN}"
