"""Turns what Pydantic says about one file into problems that a reader of that file can act on."""

import difflib
import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from garrison.catalog.source import Location, Source
from garrison.problem import Problem, ProblemError

Model = TypeVar("Model", bound=BaseModel)

_MANUAL = "docs/adding-a-service.md lists the keys and what each may say."
_REMEDIES = {
    "missing": f"Add it; {_MANUAL}",
    "int_parsing": "Write a whole number without a unit.",
    "int_type": "Write a whole number without a unit.",
    "float_parsing": "Write a number without a unit.",
    "string_type": "Put the value in quotes.",
    "string_pattern_mismatch": f"Rename it to fit; {_MANUAL}",
    "tuple_type": "Write a list: [first, second].",
    "dict_type": "Write a mapping: {key: value}.",
    "model_type": f"Write a mapping: {{key: value}}; {_MANUAL}",
    "model_attributes_type": f"Write a mapping: {{key: value}}; {_MANUAL}",
}
# People who come from compose files look for these; each is absent on purpose (docs/decisions/0001).
_UNSAFE = {
    "privileged": "No service may be privileged.",
    "network_mode": "Networks follow from 'needs'.",
    "networks": "Networks follow from 'needs'.",
    "ports": "Use 'listen' and 'publish'; only the door has ports beyond 127.0.0.1.",
    "devices": "A device is not granted by a service's own file.",
    "cap_add": "Services run without capabilities.",
    "depends_on": "Use 'needs'.",
    "env_file": "Use 'environment', and 'secrets' for what must stay hidden.",
}


def validate(model: type[Model], source: Source) -> Model:
    """The ``model`` that ``source`` describes. Raises ProblemError with everything that doesn't fit."""
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        raise ProblemError(_problem(model, source, dict(detail)) for detail in error.errors()) from None


def near(word: str, known: Iterable[str], otherwise: str) -> str:
    """``Did you mean 'needs'?`` when one of ``known`` is close to ``word``, else ``otherwise``."""
    matches = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {matches[0]!r}?" if matches else otherwise


def _problem(model: type[BaseModel], source: Source, detail: dict[str, Any]) -> Problem:
    kind = detail["type"]
    location = _location(detail)
    if kind == "extra_forbidden":
        return _unknown_key(model, source, location)
    where = source.where(*location)
    if kind == "missing":
        return Problem(where=where, id="catalog.missing", what="the key is missing.", remedy=_REMEDIES[kind])
    what = f"{detail['msg'].removeprefix('Value error, ')}{_found(detail)}."
    return Problem(
        where=where, id="catalog.value", what=what, remedy=_REMEDIES.get(kind, f"Mend it; {_MANUAL}")
    )


def _location(detail: dict[str, Any]) -> Location:
    # A tag of a union such as "<http>" and the key mark of a mapping are Pydantic's, not the file's.
    parts = [part for part in detail["loc"] if not str(part).startswith(("<", "["))]
    return (*parts, *detail.get("ctx", {}).get("at", ()))


def _found(detail: dict[str, Any]) -> str:
    value = detail.get("input")
    shows = isinstance(value, str | int | float) and repr(value) not in detail["msg"]
    return f", found {value!r}" if shows else ""


def _unknown_key(model: type[BaseModel], source: Source, location: Location) -> Problem:
    *around, key = location
    known = sorted(_fields(model, tuple(around)))
    unsafe = _UNSAFE.get(str(key)) if not around else None
    return Problem(
        where=source.where(*location),
        id="catalog.unknown-key",
        what=f"there is no key {key!r}{' here' if around else ''}.",
        remedy=unsafe or near(str(key), known, f"Take it out; the keys are {', '.join(known)}."),
    )


def _fields(model: type[BaseModel], around: Location) -> set[str]:
    models = [model]
    for part in around:
        inside = [each.model_fields[part].annotation for each in models if part in each.model_fields]
        models = [found for annotation in inside for found in _models_in(annotation)] or models
    return {name for each in models for name in each.model_fields}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    inner = get_args(annotation)
    for part in inner[:1] if get_origin(annotation) is Annotated else inner:
        yield from _models_in(part)
