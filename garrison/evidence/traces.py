"""Whether a request through the door becomes one trace, with a span of each service that it went to."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from garrison.plan.wanted import Wanted
from garrison.problem import Problem

ID = "traces"


class SpanSeen(BaseModel):
    """One span of the trace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str
    name: str


class Traced(BaseModel):
    """What look-traces answers; ``error`` is why the collector said nothing, ``answers`` what each service did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str
    trace: str
    answers: Mapping[str, int]
    spans: tuple[SpanSeen, ...]


def find_untraced(found: Traced, wanted: Wanted) -> list[Problem]:
    """Services that the trace should have a span of and hasn't; or a collector that doesn't answer."""
    collector = wanted.catalog.collector
    if collector is None:
        return []
    if found.error:
        what = f"it doesn't say what it has of trace {found.trace}: {found.error}."
        return [_problem(collector.name, "silent", what, f"Look: garrison logs {collector.name}")]
    seen = {one.service for one in found.spans}
    return [
        _problem(
            service.name,
            "missing",
            f"it answered {found.answers.get(service.name, 'nothing')} to a request of trace {found.trace}, "
            f"and {collector.name} has no span of it there.",
            f"Look: garrison logs {service.name}; 'spans_lost' there says that {collector.name} takes none.",
        )
        for service in wanted.catalog.traced
        if service.name not in seen
    ]


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
