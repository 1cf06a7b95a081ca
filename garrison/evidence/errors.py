"""Every failure at the door and behind it is a problem document that tells nothing of the inside."""

import json
import re
from collections.abc import Iterator

from garrison.evidence.probes import Provocations, Provoked
from garrison.problem import Problem

ID = "errors"
PROBLEM_TYPE = "application/problem+json"
SMUGGLED = "smuggled: "
REQUIRED = {"type": str, "title": str, "status": int, "detail": str, "error_id": str}
# Versions, paths of the inside, traces, what a database or a library says of itself.
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|/(?:opt|usr|etc|srv|run|var|home|tmp)/|line \d+, in"
    r"|\b(?:nginx|python|werkzeug|gunicorn|uvicorn|llama\.cpp|openssl)/?\d|<html|0x[0-9a-f]{6,}"
    r"|Connection refused|\berrno\b|\bgarrison-[a-z]+--|\b10\.(?:\d{1,3}\.){2}\d",
    re.IGNORECASE,
)
_REMEDY = "Look at templates/nginx/problems.conf.j2 and at the service's own answer, then deploy again."


def find_errors(found: Provocations) -> list[Problem]:
    """Everything that is wrong with the answers, the log and the addresses in it."""
    return [*find_unlike(found), *find_smuggled(found), *find_unlogged(found), *find_forged(found)]


def find_unlike(found: Provocations) -> list[Problem]:
    """Answers that are no problem document of the right status, or say what they shouldn't."""
    return [
        _problem(one, "unlike", f"{fault}.")
        for one in found.answers
        if not one.case.startswith(SMUGGLED)
        for fault in _faults(one)
    ]


def find_smuggled(found: Provocations) -> list[Problem]:
    """Requests that two servers could read in two ways, and that weren't refused."""
    return [
        _problem(one, "smuggled", f"{fault}.")
        for one in found.answers
        if one.case.startswith(SMUGGLED)
        for fault in _faults(one)
    ]


def find_unlogged(found: Provocations) -> list[Problem]:
    """Documents whose error_id isn't in the log: nobody could tell what it was about."""
    return [
        _problem(one, "unlogged", "its error_id is nowhere in the journal.")
        for one in found.answers
        if not one.logged
    ]


def find_forged(found: Provocations) -> list[Problem]:
    """Requests that claimed to come from elsewhere, and weren't logged under their true address."""
    return [
        Problem(
            where=f"{one.header} of a request from {found.asked_from}",
            id=f"{ID}.forged",
            what=f"the access log says that it came from {one.logged or 'nowhere'}.",
            remedy="Look at templates/systemd/garrison-door.socket.j2 and templates/nginx/nginx.conf.j2.",
        )
        for one in found.origins
        if one.logged != found.asked_from
    ]


def _faults(one: Provoked) -> Iterator[str]:
    if one.status not in one.wanted:
        yield f"it is answered {one.status or 'nothing'}, not {' or '.join(str(status) for status in one.wanted)}"
        return
    kind = one.headers.get("content-type", "nothing").partition(";")[0]
    if kind != PROBLEM_TYPE:
        yield f"its {one.status} is {kind}, no problem document"
        return
    if fault := _document_fault(one):
        yield fault
    said = "\n".join([*(f"{name}: {value}" for name, value in one.headers.items()), one.body])
    if leak := LEAKS.search(said):
        yield f"it says {leak[0]!r}"


def _document_fault(one: Provoked) -> str | None:
    try:
        document = json.loads(one.body)
    except ValueError:
        return "its body is no JSON"
    if not isinstance(document, dict):
        return "its body is no object"
    for key, kind in REQUIRED.items():
        if not isinstance(document.get(key), kind) or document[key] == "":
            return f"its document has no {key}"
    return None if document["status"] == one.status else f"its document says {document['status']}"


def _problem(one: Provoked, key: str, what: str) -> Problem:
    return Problem(where=f"{one.way} {one.line} ({one.case})", id=f"{ID}.{key}", what=what, remedy=_REMEDY)
