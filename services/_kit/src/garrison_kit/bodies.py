"""A request's JSON and its query, parsed once into a model; whatever doesn't fit is the client's problem."""

import json
from collections.abc import Callable, Sequence
from types import UnionType
from typing import Any, Never, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from garrison_kit.problems import HttpProblemError, of_validation

Model = TypeVar("Model", bound=BaseModel)
_LISTS = (list, tuple, set, frozenset)


def parse_body(model: type[Model], raw: bytes) -> Model:
    """The body as ``model``. Raises HttpProblemError: 400 for what is no JSON in UTF-8, 422 for what doesn't fit."""
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HttpProblemError(400, "The body is not valid JSON in UTF-8.") from error
    return _validate(model, document)


def parse_query(model: type[Model], names: Sequence[str], values_of: Callable[[str], Sequence[str]]) -> Model:
    """The query as ``model``; ``names`` are those that the query has, ``values_of`` gives the values of one.

    Raises HttpProblemError: 422 for what doesn't fit, a value given twice where one is wanted included.
    """
    document: dict[str, Any] = {}
    for name in names:
        values = list(values_of(name))
        field = model.model_fields.get(name)
        is_one = len(values) == 1 and not (field and _is_list(field.annotation))
        document[name] = values[0] if is_one else values
    return _validate(model, document)


def _validate(model: type[Model], document: object) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise of_validation(error.errors(include_url=False, include_input=False)) from error


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    if origin in (Union, UnionType):
        return any(_is_list(part) for part in get_args(annotation))
    return origin in _LISTS


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
