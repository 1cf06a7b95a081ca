"""A JSON Schema as data: checked against the meta-schema of its draft, never resolved, never fetched."""

from typing import Annotated, Any

from jsonschema import Draft202012Validator, SchemaError  # type: ignore[import-untyped] # ships no annotations
from jsonschema.validators import validator_for  # type: ignore[import-untyped] # ships no annotations
from pydantic import BeforeValidator

from aidb.fields import MAX_SCHEMA, require_storable

_DEPTH = 32


def check_schema(value: Any) -> Any:
    """The schema itself. Raises ValueError unless it is a JSON Schema of an object."""
    require_storable(value, depth=_DEPTH, size=MAX_SCHEMA)
    draft = value.get("$schema")
    validator = validator_for(value, default=None) if isinstance(draft, str) else Draft202012Validator
    if validator is None or (draft is not None and not isinstance(draft, str)):
        raise ValueError("$schema names no draft that is known here")
    try:
        validator.check_schema(value)
    except SchemaError as error:
        where = ".".join(str(part) for part in error.absolute_path) or "the schema"
        raise ValueError(f"is no JSON Schema: {where[:100]} breaks {str(error.validator)[:40]}") from None
    if value.get("type") != "object":
        raise ValueError('must say "type": "object"')
    return value


InputSchema = Annotated[dict[str, Any], BeforeValidator(check_schema)]
