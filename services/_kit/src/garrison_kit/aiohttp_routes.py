"""aiohttp's routes as OpenAPI has them: each part of a path with the pattern that the route was given for it."""

import re
from typing import Any

from aiohttp.web import AbstractResource

_ANYTHING = "[^{}/]+"  # aiohttp's own, for a part without a pattern
_GROUP = re.compile(r"\(\?P<(\w+)>")


def describe_parts(resource: AbstractResource) -> dict[str, dict[str, Any]]:
    """The schema of each part of the resource's path, by its name; none where the path is fixed."""
    compiled = resource.get_info().get("pattern")
    if compiled is None:
        return {}
    pattern = compiled.pattern
    return {found[1]: _schema(_inside(pattern, found.end())) for found in _GROUP.finditer(pattern)}


def _schema(pattern: str) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string", "minLength": 1}
    return described if pattern == _ANYTHING else {**described, "pattern": f"^(?:{pattern})$"}


def _inside(pattern: str, start: int) -> str:
    """What stands from ``start`` to the parenthesis that closes the group."""
    depth, position = 1, start
    while depth:
        character = pattern[position]
        position += 2 if character == "\\" else 1
        depth += (character == "(") - (character == ")")
    return pattern[start : position - 1]
