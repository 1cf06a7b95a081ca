"""What is wrong with what the collector has of one trace, each case once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.loader import load_catalog
from garrison.evidence.traces import SpanSeen, Traced, find_untraced
from garrison.plan.wanted import Wanted

TRACE = "ab" * 16


@pytest.fixture
def judge(wanted: Wanted, root: Path) -> Callable[..., list[str]]:
    catalog = load_catalog([root / "services"]).select(["core", "observability"])
    observed = replace(wanted, catalog=catalog)
    names = [service.name for service in catalog.traced]

    def judge(*lost: str, error: str = "", unasked: str = "") -> list[str]:
        found = Traced(
            error=error,
            trace=TRACE,
            answers={name: 404 for name in names if name != unasked},
            spans=tuple(SpanSeen(service=name, name="GET") for name in names if name not in lost),
        )
        problems = find_untraced(found, observed)
        assert all(one.remedy for one in problems)
        return [f"{one.where}: {one.what} [{one.id}]" for one in problems]

    return judge


def test_a_span_of_each_is_well(judge: Callable[..., list[str]]) -> None:
    assert judge() == []


def test_a_service_without_a_span_is_found(judge: Callable[..., list[str]]) -> None:
    assert judge("aidb") == [
        f"aidb: it answered 404 to a request of trace {TRACE}, "
        "and jaeger has no span of it there. [traces.missing]"
    ]


def test_a_service_that_was_not_asked_is_found(judge: Callable[..., list[str]]) -> None:
    (found,) = judge("aidb", unasked="aidb")
    assert found.startswith("aidb: it answered nothing to a request")


def test_a_collector_that_says_nothing_is_the_one_finding(judge: Callable[..., list[str]]) -> None:
    assert judge("aidb", error="status 503") == [
        f"jaeger: it doesn't say what it has of trace {TRACE}: status 503. [traces.silent]"
    ]


def test_where_nobody_takes_spans_none_is_missing(wanted: Wanted) -> None:
    assert find_untraced(Traced(error="away", trace=TRACE, answers={}, spans=()), wanted) == []
