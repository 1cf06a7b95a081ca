"""What is wrong with what Prometheus and the collector say of spans, each case once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.loader import load_catalog
from garrison.catalog.rules import alerts_of, load_rules
from garrison.evidence.spans import ALERT, COUNTED, LOSING, QUESTIONS, Collected, find_lost
from garrison.plan.wanted import Wanted

Judge = Callable[..., list[str]]
BEGUN = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = BEGUN + timedelta(minutes=5)


@pytest.fixture(scope="module")
def observed(wanted: Wanted, root: Path) -> Wanted:
    return replace(wanted, catalog=load_catalog([root / "services"]).select(["core", "observability"]))


@pytest.fixture
def judge(observed: Wanted) -> Judge:
    senders = tuple(one.name for one in observed.catalog.traced)

    def judge(jobs: dict[str, tuple[str, ...]] | None = None, **said: Any) -> list[str]:
        begun = said.pop("begun", BEGUN)
        answer = {"silent": "", "error": "", "services": (), "kept": {}, **said}
        found = Collected(jobs={COUNTED: senders, LOSING: (), **(jobs or {})}, **answer)
        problems = find_lost(found, observed, begun)
        assert all(one.remedy for one in problems)
        return [f"{one.where}: {one.what} [{one.id}]" for one in problems]

    return judge


def test_all_counted_and_none_lost_is_well(judge: Judge) -> None:
    assert judge() == []


def test_who_loses_spans_is_found(judge: Judge) -> None:
    assert judge({LOSING: ("aidb",)}) == [
        "aidb: its spans haven't reached jaeger for a quarter of an hour. [spans.lost]"
    ]


def test_who_does_not_count_what_it_loses_is_found(judge: Judge) -> None:
    assert judge({COUNTED: ("aidb", "embeddings", "nixos-docs")}) == [
        "hybrid-coordinator: it doesn't count what it loses of its spans to jaeger. [spans.uncounted]"
    ]


def test_who_keeps_traces_of_which_the_collector_has_none_is_found(judge: Judge) -> None:
    found = judge(kept={"aidb": LATER, "embeddings": LATER}, services=("embeddings",))
    assert found == [
        "aidb: it keeps traces, and jaeger has had no span of it since it began. [spans.unknown]"
    ]


def test_whom_nobody_has_asked_may_be_unknown(judge: Judge) -> None:
    assert judge(kept={"embeddings": LATER}, services=("embeddings",)) == []


@pytest.mark.parametrize(
    ("kept", "is_found"),
    [(BEGUN - timedelta(hours=1), False), (BEGUN + timedelta(seconds=30), False), (LATER, True)],
    ids=["before it began", "while it began", "since"],
)
def test_what_a_collector_that_was_started_anew_has_forgotten_is_not_missed(
    kept: datetime, is_found: bool, judge: Judge
) -> None:
    assert bool(judge(kept={"aidb": kept})) is is_found


def test_where_nobody_knows_when_the_collector_began_nothing_is_missed(judge: Judge) -> None:
    assert judge(kept={"aidb": LATER}, begun=None) == []


def test_traces_of_who_sends_its_spans_elsewhere_are_not_missed(judge: Judge) -> None:
    assert judge(kept={"somebody": LATER}) == []


def test_what_nobody_sends_is_not_missed(judge: Judge) -> None:
    assert judge({LOSING: ("somebody",)}) == []


@pytest.mark.parametrize(("silent", "name"), [("collector", "jaeger"), ("prometheus", "prometheus")])
def test_who_says_nothing_is_the_one_finding(silent: str, name: str, judge: Judge) -> None:
    found = judge({LOSING: ("aidb",)}, silent=silent, error="status 503")
    assert found == [f"{name}: it doesn't say what becomes of spans: status 503. [spans.silent]"]


def test_where_nobody_takes_spans_none_are_missed(wanted: Wanted) -> None:
    away = Collected(silent="collector", error="away", services=(), jobs={}, kept={})
    assert find_lost(away, wanted, BEGUN) == []


def test_the_alert_that_is_asked_about_is_one_that_there_is_and_asks_for_the_same_count(
    observed: Wanted,
) -> None:
    rules = {alert.alert: alert.expr for one in load_rules(observed.catalog) for alert in alerts_of(one)}
    assert QUESTIONS[COUNTED] in rules[ALERT]
