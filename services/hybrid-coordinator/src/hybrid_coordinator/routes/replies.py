"""Answers as JSON, and ids that come in paths."""

from typing import Any

from aiohttp import web
from garrison_kit.problems import HttpProblemError
from pydantic import BaseModel, TypeAdapter, ValidationError


def reply(answer: BaseModel, status: int = 200) -> web.Response:
    """The answer as JSON."""
    return web.Response(
        body=answer.model_dump_json().encode(), status=status, content_type="application/json"
    )


def read_id(request: web.Request, name: str, kind: Any, what: str) -> str:
    """The id in a path. Raises HttpProblemError 404 for what can be no id: there is nothing by that name."""
    given = request.match_info[name]
    try:
        return str(TypeAdapter(kind).validate_python(given))
    except ValidationError:
        raise HttpProblemError(404, f"There is no such {what}.") from None
