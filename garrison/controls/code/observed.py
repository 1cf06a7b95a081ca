"""Whether what watches the stack does: Prometheus and the collector, asked on the host's loopback, and the logs.

What judges the answers loads the catalog: a check has the host asked before it does (docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.evidence.metrics import Measured


@judges("metrics-are-scraped", probing=True)
def judge_targets(seen: Seen) -> Iterator[Found]:
    """Every service that has metrics is a target of Prometheus, scraped within the last minute, and no other is one."""
    yield from _measured(seen, of_rules=False)


@judges("rules-are-judged", probing=True)
def judge_rules(seen: Seen) -> Iterator[Found]:
    """Prometheus has every rule of the release by the same expression, and can judge each."""
    yield from _measured(seen, of_rules=True)


@judges("alerts-are-loaded", probing=True)
def judge_alerts(seen: Seen, *, alerts: Mapping[str, Sequence[str]]) -> Iterator[Found]:
    """Prometheus has loaded every alert that is named for a kind of fault, whatever stands in files."""
    measured = _ask_scraper(seen)
    if isinstance(measured, Found):
        yield measured
        return
    loaded = {name.rpartition("/")[2] for name in measured.rules}
    for kind, names in alerts.items():
        missing = [name for name in names if name not in loaded]
        if missing:
            yield Found(where=f"alerts for {kind}", what=f"Prometheus hasn't loaded {', '.join(missing)}.")


@judges("spans-arrive", probing=True)
def judge_spans(seen: Seen) -> Iterator[Found]:
    """The collector answers; who sends spans counts what it loses, isn't losing any, and is known to it once asked."""
    from garrison.evidence.spans import find_lost

    catalog, spans = seen.wanted.catalog, seen.evidence.spans
    if catalog.collector is None or catalog.scraper is None:
        yield _nobody("spans", "nobody takes them and counts what is lost.")
    elif spans is None:
        yield unseen("look-spans", "it gave no answer, so nothing is known of spans.")
    else:
        container = seen.snapshot.container(catalog.collector.name)
        problems = find_lost(spans, seen.wanted, container.state.started if container else None)
        yield from (_found(one, is_unseen=one.id.endswith(".silent")) for one in problems)


@judges("logs-are-documents", probing=True)
def judge_logs(seen: Seen) -> Iterator[Found]:
    """The newest lines of each running container on the kit, counted on the host; what stands in them stays there."""
    from garrison.evidence.logs import find_unreadable, writers

    logs = seen.evidence.logs
    if not writers(seen.wanted.catalog):
        yield _nobody("logs", "no service of the chosen profiles is on the kit.")
    elif logs is None:
        yield unseen("look-logs", "it gave no answer, so nothing is known of logs.")
    else:
        problems = find_unreadable(logs, seen.wanted)
        yield from (_found(one, is_unseen=one.id.endswith(".silent")) for one in problems)


def _measured(seen: Seen, *, of_rules: bool) -> Iterator[Found]:
    from garrison.evidence.metrics import OF_RULES, find_unmeasured

    measured = _ask_scraper(seen)
    if isinstance(measured, Found):
        yield measured
    else:
        problems = find_unmeasured(measured, seen.wanted)
        yield from (_found(one) for one in problems if (one.id in OF_RULES) == of_rules)


def _ask_scraper(seen: Seen) -> Measured | Found:
    """What Prometheus said; or that nobody collects, or that it said nothing."""
    scraper, measured = seen.wanted.catalog.scraper, seen.evidence.measured
    if scraper is None:
        return _nobody("metrics", "no service of the chosen profiles collects them.")
    if measured is None:
        return unseen("look-metrics", "it gave no answer, so nothing is known of metrics.")
    if measured.error:
        return unseen(scraper.name, f"it doesn't say what it scrapes and judges: {measured.error}.")
    return measured


def _nobody(where: str, what: str) -> Found:
    return Found(where=where, what=what, is_absent=True)


def _found(problem: Problem, *, is_unseen: bool = False) -> Found:
    return Found(where=problem.where, what=problem.what, remedy=problem.remedy, is_unseen=is_unseen)
