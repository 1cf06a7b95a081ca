"""The traces that are kept: so many at most, and of each so many spans; the oldest makes room for the newest."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jaeger_stand_in.spans import Span

MOST_SPANS = 2000  # of one trace


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a trace must have: a span of ``service`` that fits the rest. Times are in microseconds."""

    service: str
    operation: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    start: int = 0
    end: int = 2**63 - 1
    shortest: int = 0
    longest: int = 2**63 - 1
    limit: int = 20

    def fits(self, span: Span) -> bool:
        """Whether this one span does."""
        said = {**span.attributes, "span.kind": span.kind, "error": span.is_error}
        return (
            span.service == self.service
            and self.operation in (None, span.name)
            and self.start <= span.started // 1000 <= self.end
            and self.shortest <= (span.ended - span.started) // 1000 <= self.longest
            and all(_text(said.get(key)) == value for key, value in self.tags)
        )


class Store:
    """``accepted`` and ``refused`` count spans."""

    def __init__(self, max_traces: int) -> None:
        self._most = max_traces
        self._traces: OrderedDict[str, list[Span]] = OrderedDict()
        self._services: set[str] = set()
        self.accepted, self.refused = 0, 0

    def __len__(self) -> int:
        return len(self._traces)

    def add(self, spans: Iterable[Span]) -> None:
        """Keep them; a trace is as old as its first span, and a span too many of one is refused."""
        for span in spans:
            self._services.add(span.service)
            kept = self._traces.setdefault(span.trace_id, [])
            if len(kept) >= MOST_SPANS:
                self.refused += 1
                continue
            kept.append(span)
            self.accepted += 1
            while len(self._traces) > self._most:
                self._traces.popitem(last=False)

    def trace(self, trace_id: str) -> list[Span]:
        """The spans of a trace in the order in which they came; none where it isn't kept."""
        return list(self._traces.get(trace_id, ()))

    def services(self) -> list[str]:
        """The names of all services that have sent a span, also once its trace has made room; so does Jaeger."""
        return sorted(self._services)

    def operations(self, service: str) -> list[str]:
        """The names of the spans of a service."""
        return sorted({span.name for span in self._all() if span.service == service})

    def find(self, query: Query) -> list[list[Span]]:
        """Whole traces, the newest first."""
        found: list[list[Span]] = []
        for spans in reversed(self._traces.values()):
            if len(found) == query.limit:
                break
            if any(query.fits(span) for span in spans):
                found.append(list(spans))
        return found

    def _all(self) -> Iterator[Span]:
        return (span for spans in self._traces.values() for span in spans)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
