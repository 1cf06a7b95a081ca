"""Whether the spans of every service that sends some reach the collector, by what both sides count."""

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

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


class Collected(BaseModel):
    """What look-spans answers; ``silent`` is who of the two said nothing, and ``error`` why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    silent: Literal["", "collector", "prometheus"]
    error: str
    services: tuple[str, ...]
    jobs: Mapping[str, tuple[str, ...]]


def find_lost(found: Collected, wanted: Wanted) -> list[Problem]:
    """Services whose spans get lost, or that don't count it; or who of the two that are asked says nothing."""
    collector, scraper = wanted.catalog.collector, wanted.catalog.scraper
    if collector is None or scraper is None:
        return []
    if found.silent:
        who = (collector if found.silent == "collector" else scraper).name
        look = f"Look: garrison logs {who}"
        return [_problem(who, "silent", f"it doesn't say what becomes of spans: {found.error}.", look)]
    return list(_lost(found, wanted, collector.name))


def _lost(found: Collected, wanted: Wanted, collector: str) -> Iterator[Problem]:
    senders = {service.name for service in wanted.catalog.traced}
    for name in sorted(senders - set(found.jobs[COUNTED])):
        yield _problem(name, "uncounted", f"it doesn't count what it loses of its spans to {collector}.",
                       f"Look: garrison logs {name}; Prometheus has no garrison_spans_lost_total of it.")  # fmt: skip
    for name in sorted(senders & set(found.jobs[LOSING])):
        yield _problem(name, "lost", f"its spans haven't reached {collector} for a quarter of an hour.",
                       f"Read docs/runbooks/{ALERT}.md.")  # fmt: skip


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
