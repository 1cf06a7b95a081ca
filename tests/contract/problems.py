"""What every refusal must look like, and what it must never say."""

import re
from typing import Any

import httpx

from tests.conftest import ROOT

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
ERROR_ID = re.compile(r"[0-9a-f]{8,64}")
LEAKS = re.compile(
    (ROOT / "tests" / "contract" / "data" / "leaks.txt").read_text().strip().replace("\n", "|"), re.IGNORECASE
)


def find_leak(text: str, sent: str = "") -> str | None:
    """The first part of ``text`` that is of the inside, unless the client sent that itself."""
    return next((one[0] for one in LEAKS.finditer(text) if one[0].lower() not in sent.lower()), None)


def find_fault(status: int, headers: httpx.Headers, text: str, sent: str = "") -> str | None:
    """What is wrong with the answer as a refusal, or None. ``sent`` is what the client itself wrote."""
    if headers.get("content-type", "").partition(";")[0] != MEDIA_TYPE:
        return f"its type is {headers.get('content-type')}"
    if not REQUEST_ID.fullmatch(headers.get("x-request-id", "")):
        return f"its request id is {headers.get('x-request-id')!r}"
    said = "\n".join(f"{name}: {value}" for name, value in headers.multi_items())
    if leak := find_leak(f"{said}\n{text}", sent):
        return f"it says {leak!r}"
    return find_fault_of_document(status, httpx.Response(200, text=text).json())


def find_fault_of_document(status: int, document: Any) -> str | None:
    """What is wrong with a problem document (RFC 9457) of that status, or None."""
    if not isinstance(document, dict):
        return "it is no object"
    wanted = {"type": str, "title": str, "status": int, "detail": str, "error_id": str}
    for key, kind in wanted.items():
        if not isinstance(document.get(key), kind) or document[key] == "":
            return f"its {key} is {document.get(key)!r}"
    if document["status"] != status:
        return f"its status is {document['status']}"
    if not ERROR_ID.fullmatch(document["error_id"]):
        return f"its error_id is {document['error_id']!r}"
    unknown = document.keys() - wanted.keys() - {"instance", "request_id", "errors"}
    return f"it also has {sorted(unknown)}" if unknown else None


def assert_problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """A problem document of one of these statuses that says nothing of the inside; returns it."""
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:500]}"
    fault = find_fault(answer.status_code, answer.headers, answer.text, _sent(answer))
    assert fault is None, f"{fault}: {answer.text[:500]}"
    found: dict[str, Any] = answer.json()
    return found


def refuse_faulty(answer: httpx.Response) -> None:
    """A hook for clients: whatever else a test is about, each refusal it meets is a good one."""
    path = answer.request.url.path
    # Whoever isn't ready says so in the form of readiness.
    if answer.status_code < 400 or path.endswith("/health/ready"):
        return
    answer.read()
    if path.endswith("/mcp") and answer.headers["content-type"].startswith("application/json"):
        # MCP has errors of its own form, for what its protocol refuses.
        assert isinstance(answer.json()["error"]["code"], int), answer.text
        assert find_leak(answer.text) is None, answer.text
        return
    assert_problem(answer, answer.status_code)


def _sent(answer: httpx.Response) -> str:
    request = answer.request
    try:
        body = request.content.decode("utf-8", "replace")
    except httpx.RequestNotRead:
        body = ""
    return f"{request.url}\n{body}"
