"""The OpenAPI document of a service: made from its handlers' descriptions, or FastAPI's own with what the kit adds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from garrison_kit.gate import media_types_of, scope_of
from garrison_kit.problems import MEDIA_TYPE

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Json = dict[str, Any]

_DESCRIPTION = "__garrison_description__"
_REF = "#/components/schemas/{model}"
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_COMPONENTS: Json = {
    "responses": {
        "Problem": {
            "description": "What went wrong, as RFC 9457 has it; the log tells more under the same error_id.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    },
    "securitySchemes": {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "Bearer": {"type": "http", "scheme": "bearer"},
    },
}
_TEXT: Json = {"type": "string"}
_PROBLEM_SCHEMA: Json = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail", "error_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "error_id": {"type": "string", "pattern": "^[0-9a-f]{12}$"},
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": _TEXT, "what": _TEXT},
            },
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a handler takes and answers; ``answer`` is a model or any other type that pydantic knows."""

    summary: str = ""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: Any = None
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path; ``path`` is OpenAPI's template, ``parameters`` gives the schema of each of its parts."""

    method: str
    path: str
    endpoint: object
    parameters: Mapping[str, Json]


def describe(
    *,
    summary: str = "",
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    answer: Any = None,
    status: int = 200,
) -> Callable[[Endpoint], Endpoint]:
    """Say what a handler takes and answers; put it below the framework's route decorator.

    ``garrison_kit.aiohttp.body`` and ``query`` (``wsgi``'s likewise) check requests by it.
    """
    description = Description(summary=summary, body=body, query=query, answer=answer, status=status)

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DESCRIPTION, description)
        return endpoint

    return mark


def description_of(endpoint: object) -> Description:
    """What ``describe`` said of a handler; an empty one where it said nothing."""
    found: Description = getattr(endpoint, _DESCRIPTION, None) or Description()
    return found


def build(service: str, version: str, operations: Iterable[Operation]) -> Json:
    """The whole document, for frameworks that have none of their own."""
    listed = list(operations)
    schemas, definitions = _collect_schemas([description_of(one.endpoint) for one in listed])
    paths: Json = {}
    for number, one in enumerate(listed):
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, number, schemas, definitions)
    return _complete(
        {
            "openapi": "3.1.0",
            "info": {"title": service, "version": version},
            "paths": paths,
            "components": {"schemas": definitions},
        }
    )


def amend(document: Json, endpoint_of: Callable[[str, str], object | None]) -> Json:
    """FastAPI's document with the kit's problems and keys; ``endpoint_of`` takes a method and a path template."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            operation["responses"].pop("422", None)
            operation.update(_kits_part(method.upper(), endpoint_of(method.upper(), path)))
            operation["responses"].update(_problems())
    for name in _FASTAPIS_OWN:
        document.get("components", {}).get("schemas", {}).pop(name, None)
    return _complete(document)


def _complete(document: Json) -> Json:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    for part, content in _COMPONENTS.items():
        components[part] = {**components.get(part, {}), **content}
    return document


def _problems() -> Json:
    return {"4XX": _PROBLEM, "5XX": _PROBLEM}


def _kits_part(method: str, endpoint: object) -> Json:
    scope = scope_of(method, endpoint)
    return {"security": [] if scope == "open" else [{"ApiKey": []}, {"Bearer": []}], "x-scope": scope}


def _collect_schemas(descriptions: list[Description]) -> tuple[dict[tuple[int, str], Json], Json]:
    """The schema of each handler's body, query and answer by its number, and the definitions they refer to."""
    inputs: list[Any] = []
    for number, one in enumerate(descriptions):
        for part, mode in (("body", "validation"), ("query", "validation"), ("answer", "serialization")):
            kind = getattr(one, part)
            if kind is not None:
                inputs.append(((number, part), mode, TypeAdapter(kind)))
    found, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REF)
    return {key: schema for (key, _), schema in found.items()}, definitions.get("$defs", {})


def _operation(one: Operation, number: int, schemas: dict[tuple[int, str], Json], definitions: Json) -> Json:
    description = description_of(one.endpoint)
    success: Json = {"description": "Done"}
    if (answer := schemas.get((number, "answer"))) is not None:
        success["content"] = {"application/json": {"schema": answer}}
    operation: Json = {
        "operationId": f"{one.method.lower()}_{getattr(one.endpoint, '__name__', number)}_{number}",
        "responses": {str(description.status): success, **_problems()},
        **_kits_part(one.method, one.endpoint),
    }
    if description.summary:
        operation["summary"] = description.summary
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in one.parameters.items()
    ]
    if (query := schemas.get((number, "query"))) is not None:
        parameters += _query_parameters(_resolve(query, definitions))
    if parameters:
        operation["parameters"] = parameters
    if body := _body(one, schemas.get((number, "body"))):
        operation["requestBody"] = body
    return operation


def _body(one: Operation, schema: Json | None) -> Json | None:
    media_types = media_types_of(one.endpoint)
    if schema is None and media_types == ("application/json",):
        return None
    content = {media_type: {"schema": schema or _TEXT} for media_type in media_types}
    return {"required": True, "content": content}


def _resolve(schema: Json, definitions: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    resolved: Json = definitions.get(name, schema)
    return resolved


def _query_parameters(schema: Json) -> list[Json]:
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(one)}
        for name, one in schema.get("properties", {}).items()
    ]


def _without_null(schema: Json) -> Json:
    """A query has no null: what may be left out is left out."""
    others = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf" and value is not None}
    if not others:
        return rest
    return {**rest, **others[0]} if len(others) == 1 else {**rest, "anyOf": others}
