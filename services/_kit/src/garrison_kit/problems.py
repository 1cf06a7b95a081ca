"""Errors leave a service as RFC 9457 problem documents; what lies behind them stays in the log."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog

from garrison_kit import request_id

MEDIA_TYPE = "application/problem+json"
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


def title_of(status: int) -> str:
    """The standard phrase of an HTTP status, or 'Error' for an unknown one."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


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
