"""Flask's routes as OpenAPI's operations."""

import re
from collections.abc import Iterator

from flask import Flask

from garrison_kit.core import LIVE, METRICS, OPENAPI, READY
from garrison_kit.openapi import Json, Operation

_PART = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_SEGMENT: Json = {"type": "string", "minLength": 1}
_KINDS: dict[str, Json] = {
    "int": {"type": "integer", "minimum": 0},
    "float": {"type": "number", "minimum": 0},
    "uuid": {"type": "string", "format": "uuid"},
}
_OWN = frozenset({LIVE, READY, METRICS, OPENAPI})


def list_operations(app: Flask) -> Iterator[Operation]:
    """Each method of each route of the service's own."""
    for rule in app.url_map.iter_rules():
        if rule.rule in _OWN or rule.endpoint == "static":
            continue
        parts = {part["name"]: _KINDS.get(part["kind"] or "", _SEGMENT) for part in _PART.finditer(rule.rule)}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Operation(
                method=method,
                path=_PART.sub(r"{\g<name>}", rule.rule),
                endpoint=app.view_functions[rule.endpoint],
                parameters=parts,
            )
