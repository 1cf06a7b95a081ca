"""Filters: ``must``, ``should``, ``must_not``, and the conditions in them."""

from collections.abc import Callable
from typing import Any

import qdrant_edge as edge

from qdrant_stand_in.errors import FormatError, NotServedError
from qdrant_stand_in.reading import (
    Body,
    items,
    mapping,
    number,
    one_or_many,
    optional_number,
    point_ids,
    required,
    text,
    whole,
)

_CLAUSES = ("must", "should", "must_not", "min_should")


class _Truth:
    """The engine's binding asks whether a value is a whole number first, and Python's True is one; numpy's isn't."""

    __module__ = "numpy"

    def __init__(self, value: bool) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return self._value


_Truth.__name__ = "bool_"


def _truth(value: Any) -> Any:
    return _Truth(value) if isinstance(value, bool) else value


_MATCHES: dict[str, Callable[[Any], Any]] = {
    "value": lambda said: edge.MatchValue(_truth(said)),
    "text": edge.MatchText,
    "text_any": edge.MatchTextAny,
    "phrase": edge.MatchPhrase,
    "prefix": edge.MatchPrefix,
    "substring": edge.MatchSubstring,
    "any": edge.MatchAny,
    "except": edge.MatchExcept,
}
_BOUNDS = ("lt", "gt", "lte", "gte")


def parse_filter(value: object) -> edge.Filter | None:
    """The filter that ``value`` describes; None is none. Raises FormatError for what is no filter."""
    if value is None:
        return None
    body = mapping(value, "filter")
    unknown = sorted(set(body) - set(_CLAUSES))
    if unknown:
        raise FormatError(f"unknown field `{unknown[0]}`, expected one of {', '.join(_CLAUSES)}")
    return edge.Filter(
        must=_conditions(body.get("must")),
        should=_conditions(body.get("should")),
        must_not=_conditions(body.get("must_not")),
        min_should=_min_should(body.get("min_should")),
    )


def _conditions(value: object) -> list[Any] | None:
    return None if value is None else [_condition(each) for each in one_or_many(value)]


def _min_should(value: object) -> edge.MinShould | None:
    if value is None:
        return None
    body = mapping(value, "min_should")
    conditions = [_condition(each) for each in items(required(body, "conditions"), "conditions")]
    return edge.MinShould(conditions, whole(required(body, "min_count"), "min_count", least=0))


def _condition(value: object) -> Any:
    body = mapping(value, "condition")
    if "key" in body:
        return _field(body)
    kinds: dict[str, Callable[[Any], Any]] = {
        "is_empty": lambda said: edge.IsEmptyCondition(_key(said)),
        "is_null": lambda said: edge.IsNullCondition(_key(said)),
        "has_id": lambda said: edge.HasIdCondition(set(point_ids(said, "has_id"))),
        "has_vector": lambda said: edge.HasVectorCondition(text(said, "has_vector")),
        "nested": _nested,
    }
    for kind, make in kinds.items():
        if kind in body:
            return make(body[kind])
    if "slice" in body:
        raise NotServedError("the condition 'slice'")
    if set(body) & set(_CLAUSES):
        return parse_filter(body)
    raise FormatError(f"no condition has the fields {', '.join(sorted(body)) or '(none)'}")


def _key(value: object) -> str:
    return text(required(mapping(value, "payload field"), "key"), "key")


def _nested(value: object) -> edge.NestedCondition:
    body = mapping(value, "nested")
    inner = parse_filter(required(body, "filter"))
    assert inner is not None  # noqa: S101 - required gave something
    return edge.NestedCondition(_key(body), inner)


def _field(body: Body) -> edge.FieldCondition:
    for kind in ("geo_bounding_box", "geo_radius", "geo_polygon"):
        if body.get(kind) is not None:
            raise NotServedError(f"the condition {kind!r}")
    tests = ("match", "range", "values_count", "is_empty", "is_null")
    if all(body.get(test) is None for test in tests):
        raise FormatError(f"the condition on {body['key']!r} has none of {', '.join(tests)}")
    return edge.FieldCondition(
        text(body["key"], "key"),
        match=_match(body.get("match")),
        range=_range(body.get("range")),
        values_count=_values_count(body.get("values_count")),
        is_empty=body.get("is_empty"),
        is_null=body.get("is_null"),
    )


def _match(value: object) -> Any:
    if value is None:
        return None
    body = mapping(value, "match")
    for kind, make in _MATCHES.items():
        if kind in body:
            try:
                return make(body[kind])
            except TypeError:
                raise FormatError(f"match can't be with {kind} {body[kind]!r}") from None
    raise FormatError(f"match needs one of {', '.join(_MATCHES)}")


def _range(value: object) -> Any:
    if value is None:
        return None
    body = mapping(value, "range")
    bounds = {bound: body[bound] for bound in _BOUNDS if body.get(bound) is not None}
    if bounds and all(isinstance(bound, str) for bound in bounds.values()):
        return edge.RangeDateTime(**bounds)
    return edge.RangeFloat(**{bound: number(given, f"range.{bound}") for bound, given in bounds.items()})


def _values_count(value: object) -> edge.ValuesCount | None:
    if value is None:
        return None
    body = mapping(value, "values_count")
    bounds = {bound: optional_number(body, bound) for bound in _BOUNDS}
    return edge.ValuesCount(**{name: None if bound is None else int(bound) for name, bound in bounds.items()})
