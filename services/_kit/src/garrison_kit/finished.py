"""Spans that have ended: what they hold, where they go, and which wait until it is known whether one failed."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from opentelemetry.trace import SpanContext, SpanKind

Value = str | bool | int | float
_MOST_HELD = 100


class Finished(NamedTuple):
    """A span that has ended, to be exported. Made for each request: a frozen dataclass takes twice as long."""

    name: str
    kind: SpanKind
    context: SpanContext
    parent: SpanContext | None
    attributes: Mapping[str, Value]
    is_failed: bool
    started: int
    ended: int


class Exporting(Protocol):
    """Where spans go, and which of the traces that begin here; ``lost`` is how many never arrived."""

    @property
    def lost(self) -> int: ...

    def add(self, span: Finished) -> None: ...

    def is_sampled(self, trace_id: int) -> bool: ...


class Held:
    """What a request whose trace isn't kept leaves here until its end.

    If it failed, or a call in it did, that is kept after all. Of very many spans the last are missing.
    """

    __slots__ = ("_export", "_has_failed", "_is_kept", "_spans")

    def __init__(self, export: Exporting) -> None:
        self._export = export
        self._spans: list[Finished] = []
        self._has_failed = self._is_kept = False

    def add(self, span: Finished) -> None:
        """One that ended before the first; what ends later follows those that were kept."""
        if self._is_kept:
            self._export.add(span)
            return
        if span.kind is SpanKind.CLIENT and span.is_failed:
            self._has_failed = True
        if len(self._spans) < _MOST_HELD:
            self._spans.append(span)

    def is_needed(self, has_failed: bool) -> bool:
        """Whether the first span, which has ended and failed or not, and with it the others are to be kept."""
        return has_failed or self._has_failed

    def keep(self, first: Finished) -> None:
        """Send them all on their way."""
        self._is_kept = True
        spans, self._spans = self._spans, []
        for span in (*spans, first):
            self._export.add(span)
