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
# Pydantic speaks of Python; who reads this writes YAML.
_SAID = {
    "int_parsing": "this should be a whole number",
    "int_type": "this should be a whole number",
    "int_from_float": "this should be a whole number",
    "float_parsing": "this should be a number",
    "float_type": "this should be a number",
    "bool_parsing": "this should be true or false",
    "bool_type": "this should be true or false",
    "string_type": "this should be text",
    "tuple_type": "this should be a list",
    "dict_type": "this should be a mapping",
    "model_type": "this should be a mapping",
    "model_attributes_type": "this should be a mapping",
    "date_type": "this should be a day, as in 2027-06-30",
    "date_from_datetime_parsing": "this should be a day, as in 2027-06-30",
    "literal_error": "this should be {expected}",
    "greater_than": "this should be more than {gt}",
    "greater_than_equal": "this should be at least {ge}",
    "less_than_equal": "this should be at most {le}",
    "too_short": "this should have at least {min_length} entry",
    "string_too_short": "this should have at least {min_length} characters",
    "string_too_long": "this should have at most {max_length} characters",
    "string_pattern_mismatch": "this should match {pattern}",
}
_REMEDIES = {
    "int_parsing": "Write a whole number without a unit.",
    "string_type": "Put the value in quotes.",
    "tuple_type": "Write a list: [first, second].",
    "dict_type": "Write a mapping: {key: value}.",
}
_REMEDIES_OF_KEYS: dict[Location, str] = {
    ("name",): "Write lower-case words and numbers with single dashes between, as in nixos-docs.",
    ("user",): "Name the number of a user of its own, not root, for instance 10001.",
    ("image", "digest"): "Write the whole digest, sha256: and 64 hexadecimal digits.",
    ("route", "path"): "Write /name/, with both slashes and nothing between but a name.",
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


def validate(model: type[Model], source: Source, manual: str = _MANUAL) -> Model:
    """The ``model`` that ``source`` describes; ``manual`` says where its keys are explained.

    Raises ProblemError with everything that doesn't fit.
    """
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        raise ProblemError(
            _problem(model, source, dict(detail), manual) for detail in error.errors()
        ) from None


def near(word: str, known: Iterable[str], otherwise: str) -> str:
    """``Did you mean 'needs'?`` when one of ``known`` is close to ``word``, else ``otherwise``."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.65)
    return f"Did you mean {matches[0]!r}?" if matches else otherwise


def _problem(model: type[BaseModel], source: Source, detail: dict[str, Any], manual: str) -> Problem:
    kind = detail["type"]
    location = _location(detail)
    if kind == "extra_forbidden":
        return _unknown_key(model, source, location, detail["loc"])
    where = source.where(*location)
    if kind == "missing":
        remedy = f"Add it; {manual}"
        return Problem(where=where, id="catalog.missing", what="the key is missing.", remedy=remedy)
    what, remedy = _said(detail, location, manual)
    return Problem(where=where, id="catalog.value", what=what, remedy=remedy)


def _said(detail: dict[str, Any], location: Location, manual: str) -> tuple[str, str]:
    """What is wrong, and what mends it. The model's own messages say both, with a semicolon between."""
    kind = detail["type"]
    otherwise = _REMEDIES_OF_KEYS.get(location) or _REMEDIES.get(kind, f"Mend it; {manual}")
    if kind in ("value_error", "catalog"):
        what, _, remedy = detail["msg"].removeprefix("Value error, ").partition("; ")
        return f"{what}.", f"{remedy[0].upper()}{remedy[1:]}." if remedy else otherwise
    said = _SAID.get(kind, detail["msg"]).format(**detail.get("ctx", {}))
    value = detail.get("input")
    return f"{said}{f', found {value!r}' if isinstance(value, str | int | float) else ''}.", otherwise


def _location(detail: dict[str, Any]) -> Location:
    # A tag of a union such as "<http>" and the key mark of a mapping are Pydantic's, not the file's.
    parts = [part for part in detail["loc"] if not str(part).startswith(("<", "["))]
    return (*parts, *detail.get("ctx", {}).get("at", ()))


def _unknown_key(
    model: type[BaseModel], source: Source, location: Location, tagged: tuple[str | int, ...]
) -> Problem:
    key = str(location[-1])
    inside = len(location) > 1
    known = sorted(_fields(model, tagged[:-1]))
    unsafe = None if inside else _UNSAFE.get(key)
    return Problem(
        where=source.where(*location),
        id="catalog.unknown-key",
        what=f"there is no key {key!r}{' here' if inside else ''}.",
        remedy=unsafe or near(key, known, f"Take it out; the keys are {', '.join(known)}."),
    )


def _fields(model: type[BaseModel], around: Location) -> set[str]:
    """The keys that the record at ``around`` has; a tag there chooses among the kinds of a union."""
    models = [model]
    for part in around:
        if str(part).startswith("<"):
            models = [each for each in models if _is_tagged(each, str(part).strip("<>"))]
            continue
        inside = [each.model_fields[str(part)].annotation for each in models if part in each.model_fields]
        models = [found for annotation in inside for found in _models_in(annotation)] or models
    return {field.alias or name for each in models for name, field in each.model_fields.items()}


def _is_tagged(model: type[BaseModel], tag: str) -> bool:
    """A record is told from others by having a key, or by what its ``kind`` says."""
    kind = model.model_fields.get("kind")
    return tag in model.model_fields or (kind is not None and tag in get_args(kind.annotation))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    inner = get_args(annotation)
    for part in inner[:1] if get_origin(annotation) is Annotated else inner:
        yield from _models_in(part)
