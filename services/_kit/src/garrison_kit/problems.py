"""Errors leave a service as RFC 9457 problem documents; what lies behind them stays in the log."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import structlog

from garrison_kit import request_id

MEDIA_TYPE = "application/problem+json"
_KEPT = frozenset({"allow", "connection", "location", "retry-after", "www-authenticate"})
_MOST_ERRORS, _LONGEST_NAME = 10, 64
_log = structlog.get_logger("garrison_kit.problems")


class HttpProblemError(Exception):
    """Raise it in a handler to answer with a problem document; ``detail`` is shown to the client."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = tuple(dict(error) for error in errors)


@dataclass(frozen=True, kw_only=True)
class ProblemResponse:
    """A problem ready to be sent by any framework."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def to_http(self) -> bytes:
        """The whole response as bytes, for where a server has no request to answer; the connection then closes."""
        head = {**self.headers, "Content-Length": str(len(self.body)), "Connection": "close"}
        lines = [f"HTTP/1.1 {self.status} {title_of(self.status)}", *(f"{k}: {v}" for k, v in head.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def title_of(status: int) -> str:
    """The standard phrase of an HTTP status, or 'Error' for an unknown one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def of_http(status: int, detail: object, headers: Mapping[str, str] | None = None) -> HttpProblemError:
    """The problem of a framework's own HTTP error; of its headers only those with a meaning of their own stay."""
    kept = {name: value for name, value in (headers or {}).items() if name.lower() in _KEPT}
    return HttpProblemError(
        status, detail if isinstance(detail, str) and detail else title_of(status), headers=kept
    )


def of_validation(errors: Sequence[Any]) -> HttpProblemError:
    """The problem of input that pydantic refused: 400 for what is no JSON, 422 for what doesn't fit.

    ``errors`` are pydantic's; the input itself is left out: it may hold what must not come back.
    """
    if any(error["type"] == "json_invalid" for error in errors):
        return HttpProblemError(400, "The body is not valid JSON.")
    found = [{"where": _where(error["loc"]), "what": str(error["msg"])} for error in errors[:_MOST_ERRORS]]
    return HttpProblemError(422, "The request does not fit what this route takes.", errors=found)


def _where(parts: Sequence[str | int]) -> str:
    # For a union pydantic names the variant it tried, which is ours and nothing of the input.
    # An unknown key is the client's own and may be as long as the body.
    return ".".join(str(part)[:_LONGEST_NAME] for part in parts if "[" not in str(part)) or "body"


def render(problem: HttpProblemError) -> ProblemResponse:
    """The document of a problem whose detail is meant for the client; logged under its error_id."""
    error_id = secrets.token_hex(6)
    level = _log.error if problem.status >= 500 else _log.info
    level("problem", status=problem.status, detail=problem.detail, error_id=error_id)
    return _respond(problem.status, problem.detail, error_id, problem.headers, problem.errors)


def render_unexpected(error: BaseException) -> ProblemResponse:
    """A 500 that says nothing of the inside; the traceback is logged under the same error_id."""
    error_id = secrets.token_hex(6)
    _log.error("unexpected_error", error_id=error_id, exc_info=(type(error), error, error.__traceback__))
    return _respond(500, "The service failed. Quote the error_id when you report this.", error_id, {}, ())


def render_malformed(status: int = 400) -> ProblemResponse:
    """The document for what is no HTTP: no request came of it, so it gets an id of its own."""
    made = request_id.accept(None)
    token = request_id.enter(made)
    try:
        answer = render(HttpProblemError(status, "The request is not well-formed HTTP."))
    finally:
        request_id.leave(token)
    return replace(answer, headers={**answer.headers, request_id.HEADER: made})


def _respond(
    status: int,
    detail: str,
    error_id: str,
    headers: Mapping[str, str],
    errors: Sequence[Mapping[str, str]],
) -> ProblemResponse:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "error_id": error_id,
    }
    if current := request_id.current():
        document["request_id"] = current
    if errors:
        document["errors"] = list(errors)
    body = json.dumps(document).encode()
    return ProblemResponse(status=status, body=body, headers={"Content-Type": MEDIA_TYPE, **headers})
