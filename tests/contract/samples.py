"""The smallest value that fits a JSON schema, the same one each time."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import find, settings
from hypothesis import strategies as st

Schema = Mapping[str, Any]

FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.invalid/",
    "email": "nobody@example.invalid",
}


def sample(schema: Schema, document: Mapping[str, Any]) -> Any:
    """A value for ``schema``; what it refers to is in ``document``. Raises AssertionError for what it doesn't know."""
    if "$ref" in schema:
        return sample({**resolve(schema["$ref"], document), **_beside_the_reference(schema)}, document)
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "example", "default"):
        if key in schema:
            return schema[key]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return sample(schema[key][0], document)
    if "allOf" in schema:
        return sample(_merged(schema, document), document)
    return _by_type(schema, document)


def resolve(reference: str, document: Mapping[str, Any]) -> Schema:
    """What a reference within the document stands for."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    assert isinstance(found, Mapping)
    return found


def _beside_the_reference(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "$ref"}


def _merged(schema: Schema, document: Mapping[str, Any]) -> Schema:
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        whole = resolve(part["$ref"], document) if "$ref" in part else part
        properties = {**merged.get("properties", {}), **whole.get("properties", {})}
        required = [*merged.get("required", []), *whole.get("required", [])]
        merged = {**whole, **merged, "properties": properties, "required": required}
    return merged


def _by_type(schema: Schema, document: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return _object(schema, document)
    if kind == "array":
        return [sample(schema.get("items", {}), document)] * schema.get("minItems", 1)
    if kind in ("integer", "number"):
        return _number(schema, 1 if kind == "integer" else 1.0)
    if kind == "string":
        return _string(schema)
    assert kind in ("boolean", "null"), f"no sample for {schema}"
    return False if kind == "boolean" else None


def _object(schema: Schema, document: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: sample(properties.get(name, {}), document) for name in schema.get("required", ())}


def _number(schema: Schema, step: float) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -step) + step)
    return min(low if low > 0 else max(low, step), schema.get("maximum", low + step))


def _string(schema: Schema) -> str:
    if "pattern" in schema:
        return _matching(schema["pattern"], schema.get("minLength", 1))
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    text = "What is kept here?"
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 1000)
    return text.ljust(shortest, "?")[: max(longest, 0)]


@cache
def _matching(pattern: str, shortest: int) -> str:
    quick = settings(database=None, deadline=None, max_examples=1000)
    printable = st.characters(codec="ascii", categories=["L", "N", "P"])
    text = st.from_regex(pattern, fullmatch=True, alphabet=printable)
    found: str = find(text, lambda one: len(one) >= shortest, settings=quick)
    return found.strip()
