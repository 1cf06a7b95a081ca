"""Reads fields of a request's body, and says what is wrong with one in a sentence."""

import uuid
from collections.abc import Mapping
from typing import Any

from qdrant_stand_in.errors import FormatError, InputError, ValidationError

Body = Mapping[str, Any]
PointId = int | str | uuid.UUID
_LARGEST_ID = 2**64 - 1


def mapping(value: object, what: str) -> Body:
    """``value`` if it is an object. Raises FormatError."""
    if not isinstance(value, dict):
        raise FormatError(f"{what} should be an object")
    return value


def items(value: object, what: str) -> list[Any]:
    """``value`` if it is a list. Raises FormatError."""
    if not isinstance(value, list):
        raise FormatError(f"{what} should be a list")
    return value


def one_or_many(value: object) -> list[Any]:
    """A list, whether one was given, one thing, or nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def required(body: Body, key: str) -> Any:
    """The field ``key``. Raises FormatError when it is missing."""
    if body.get(key) is None:
        raise FormatError(f"missing field `{key}`")
    return body[key]


def text(value: object, what: str) -> str:
    """``value`` if it is a string. Raises FormatError."""
    if not isinstance(value, str):
        raise FormatError(f"{what} should be a string")
    return value


def whole(value: object, what: str, *, least: int) -> int:
    """``value`` if it is a whole number of at least ``least``. Raises FormatError or ValidationError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise FormatError(f"{what} should be a whole number")
    if value < least:
        raise ValidationError(f"{what}: value {value} invalid, must be {least} or larger")
    return value


def number(value: object, what: str) -> float:
    """``value`` if it is a number. Raises FormatError."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise FormatError(f"{what} should be a number")
    return float(value)


def optional_number(body: Body, key: str) -> float | None:
    """The number under ``key``, or None without one. Raises FormatError."""
    return None if body.get(key) is None else number(body[key], key)


def point_id(value: object) -> PointId:
    """An unsigned whole number or a UUID. Raises InputError."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_ID:
        return value
    if isinstance(value, str):
        try:
            return uuid.UUID(value)
        except ValueError:
            pass
    raise InputError(
        f"value {value} is not a valid point ID, valid values are either an unsigned integer or a UUID"
    )


def point_ids(value: object, what: str) -> list[PointId]:
    """A list of point ids. Raises FormatError or InputError."""
    return [point_id(each) for each in items(value, what)]


def shown_id(value: object) -> int | str:
    """A point's id as JSON has it."""
    return value if isinstance(value, int) else str(value)
