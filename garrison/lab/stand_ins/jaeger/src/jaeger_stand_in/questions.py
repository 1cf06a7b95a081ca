"""The words of a question for traces, as Jaeger's API has them."""

import json
import re
from collections.abc import Mapping

from jaeger_stand_in.store import Query

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m)")
_MICROSECONDS = {"us": 1, "µs": 1, "ms": 1000, "s": 1_000_000, "m": 60_000_000}
_LATEST = 2**63 - 1
MOST = 1000


def read_query(said: Mapping[str, str]) -> Query:
    """What is asked for. Raises ValueError, in words for who asked, where that can't be read."""
    if not said.get("service"):
        raise ValueError("parameter 'service' is required")
    return Query(
        service=said["service"],
        operation=said.get("operation") or None,
        tags=_tags(said.get("tags", "{}")),
        start=_number(said, "start", 0),
        end=_number(said, "end", _LATEST),
        shortest=_duration(said, "minDuration", 0),
        longest=_duration(said, "maxDuration", _LATEST),
        limit=min(_number(said, "limit", 20), MOST),
    )


def _number(said: Mapping[str, str], name: str, otherwise: int) -> int:
    text = said.get(name) or str(otherwise)
    if not text.isdigit():
        raise ValueError(f"parameter '{name}' should be a whole number")
    return int(text)


def _duration(said: Mapping[str, str], name: str, otherwise: int) -> int:
    text = said.get(name)
    if not text:
        return otherwise
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"parameter '{name}' should be a duration, such as 20ms")
    return round(float(found[1]) * _MICROSECONDS[found[2]])


def _tags(text: str) -> tuple[tuple[str, str], ...]:
    try:
        tags = json.loads(text)
    except ValueError:
        tags = None
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise ValueError("parameter 'tags' should be an object of strings, in JSON")
    return tuple(sorted(tags.items()))
