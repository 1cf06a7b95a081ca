"""What is wrong with what Grafana says of its dashboards and data sources, each case once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.evidence.dashboards import Loaded, find_unloaded, wanted_dashboards
from garrison.plan.wanted import Wanted
from garrison.render.release import render_release


@pytest.fixture(scope="module")
def shown(wanted: Wanted, stack: Path, fixtures: Path) -> Wanted:
    catalog = load_catalog([stack, *((fixtures / "catalogs" / name) for name in ("watched", "shown"))])
    images = plan_images(catalog, wanted.settings, services=stack, lock={})
    return replace(wanted, catalog=catalog, release=render_release(catalog, wanted.settings, images))


@pytest.fixture
def judge(shown: Wanted) -> Callable[..., list[str]]:
    def judge(error: str = "", without: str = "", sources: dict[str, str] | None = None) -> list[str]:
        found = Loaded(
            error=error,
            dashboards=tuple(uid for uid in wanted_dashboards(shown) if uid != without),
            sources={"Prometheus": ""} if sources is None else sources,
        )
        problems = find_unloaded(found, shown)
        assert all(one.remedy for one in problems)
        return [f"{one.where}: {one.what} [{one.id}]" for one in problems]

    return judge


def test_all_loaded_and_all_answering_is_well(judge: Callable[..., list[str]]) -> None:
    assert judge() == []


def test_a_dashboard_that_is_not_loaded_is_found(judge: Callable[..., list[str]]) -> None:
    assert judge(without="garrison-overview") == [
        "viewer: it hasn't loaded dashboards/garrison/overview.json (garrison-overview). [dashboards.missing]"
    ]


def test_a_source_that_does_not_answer_is_found(judge: Callable[..., list[str]]) -> None:
    assert judge(sources={"Prometheus": "no such host"}) == [
        "viewer: Prometheus doesn't answer it: no such host. [dashboards.source]"
    ]


def test_no_source_at_all_is_found(judge: Callable[..., list[str]]) -> None:
    assert judge(sources={}) == ["viewer: it has no data source. [dashboards.no-source]"]


def test_a_grafana_that_says_nothing_is_the_one_finding(judge: Callable[..., list[str]]) -> None:
    assert judge(error="status 401", without="garrison-overview", sources={}) == [
        "viewer: it doesn't say what it shows: status 401. [dashboards.silent]"
    ]


def test_where_nobody_shows_them_nothing_is_missing(wanted: Wanted) -> None:
    assert wanted_dashboards(wanted) == {}
    assert find_unloaded(Loaded(error="away", dashboards=(), sources={}), wanted) == []
