"""Whether the spans of every service that sends some reach the collector, by what both sides count."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from garrison.catalog.catalog import PREFIX
from garrison.plan.step import LIB
from garrison.plan.wanted import Wanted
from garrison.problem import Problem

ID = "spans"
ALERT = "SpansLost"
# Who counts what it loses, and of whom the alert has said for a quarter of an hour that it loses some.
COUNTED, LOSING = "counted", "losing"
QUESTIONS: Mapping[str, str] = {
    COUNTED: "garrison_spans_lost_total",
    LOSING: f'ALERTS{{alertname="{ALERT}",alertstate="firing"}}',
}


# A service names a trace that it keeps beside the latency of its request, and sends the span within seconds.
EXAMPLES: Mapping[str, str | int] = {"of": "http_request_duration_seconds_bucket", "since": 600, "until": 15}
# A collector that has just begun may not have answered yet when a service sent it what it had.
BEGINS = timedelta(seconds=60)


class Collected(BaseModel):
    """What look-spans answers; ``silent`` is who of the two said nothing, and ``error`` why.

    ``services`` are those of whom the collector has had a span since it began; ``kept`` is when a job last named a
    trace of which it keeps its part.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    silent: Literal["", "collector", "prometheus"]
    error: str
    services: tuple[str, ...]
    jobs: Mapping[str, tuple[str, ...]]
    kept: Mapping[str, AwareDatetime]


def find_lost(found: Collected, wanted: Wanted, begun: datetime | None) -> list[Problem]:
    """Services whose spans get lost or never come, or that don't count it; or who of the two asked says nothing.

    ``begun`` is when the collector did; where nobody knows, nothing is said of spans that never come.
    """
    collector, scraper = wanted.catalog.collector, wanted.catalog.scraper
    if collector is None or scraper is None:
        return []
    if found.silent:
        who = (collector if found.silent == "collector" else scraper).name
        look = f"Look: garrison logs {who}"
        return [_problem(who, "silent", f"it doesn't say what becomes of spans: {found.error}.", look)]
    return [*_lost(found, wanted, collector.name), *_unknown(found, wanted, collector.name, begun)]


def _lost(found: Collected, wanted: Wanted, collector: str) -> Iterator[Problem]:
    senders = {service.name for service in wanted.catalog.traced}
    for name in sorted(senders - set(found.jobs[COUNTED])):
        yield _problem(name, "uncounted", f"it doesn't count what it loses of its spans to {collector}.",
                       f"Look: garrison logs {name}; Prometheus has no garrison_spans_lost_total of it.")  # fmt: skip
    for name in sorted(senders & set(found.jobs[LOSING])):
        yield _problem(name, "lost", f"its spans haven't reached {collector} for a quarter of an hour.",
                       f"Read docs/runbooks/{ALERT}.md.")  # fmt: skip


def _unknown(found: Collected, wanted: Wanted, collector: str, begun: datetime | None) -> Iterator[Problem]:
    senders = {service.name for service in wanted.catalog.traced}
    for name in sorted(senders & found.kept.keys() - set(found.services)):
        if begun is not None and found.kept[name] > begun + BEGINS:
            what = f"it keeps traces, and {collector} has had no span of it since it began."
            look = f"Look: garrison logs {name}; then start it anew: {LIB}/as-stack podman restart {PREFIX}-{name}"
            yield _problem(name, "unknown", what, look)


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
