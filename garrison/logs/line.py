"""One line of any service: the schema that people and programs read, whatever the service wrote."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_ODD = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Level(StrEnum):
    """How much a line matters; the order is that of their meaning."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for debug, 3 for error."""
        return list(Level).index(self)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a text can tell of itself, None where it doesn't; ``wrapped``: it was plain text, and this was read out."""

    message: str
    version: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    client: str | None = None
    duration_ms: float | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    wrapped: bool = False


@dataclass(frozen=True, kw_only=True)
class Line(Told):
    """What was told, by whom, when, and how much it matters."""

    timestamp: datetime
    service: str
    level: Level

    @property
    def began(self) -> datetime:
        """When what it tells of began: a line about a request is written at its end."""
        return self.timestamp - timedelta(milliseconds=self.duration_ms or 0)

    def to_json(self) -> str:
        """One line of JSON, with the schema's keys first and what else the service told under ``fields``.

        What a terminal would obey, and half a character, which can't be written at all, are in it as numbers.
        """
        document: dict[str, object] = {
            "timestamp": self.timestamp.astimezone(UTC).isoformat(timespec="milliseconds"),
            "level": self.level,
            "service": self.service,
            "version": self.version,
            "message": self.message,
            "request_id": self.request_id,
            "trace_id": self.trace_id,
            "client": self.client,
        }
        if self.duration_ms is not None:
            document["duration_ms"] = self.duration_ms
        if self.fields:
            document["fields"] = dict(self.fields)
        if self.wrapped:
            document["wrapped"] = True
        return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", json.dumps(document, ensure_ascii=False))
