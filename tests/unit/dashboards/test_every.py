"""Every dashboard follows from the catalog, is what Grafana's schema knows, and lies in the release."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import plan_images
from garrison.dashboards.every import pages, render_dashboards
from garrison.dashboards.kit import on_the_kit
from garrison.dashboards.whole import Page, render
from garrison.render.model import Release
from garrison.render.release import render_release, render_trees
from garrison.settings import HostSettings

Document = dict[str, Any]


@pytest.fixture(scope="module")
def documents(ours: tuple[Page, ...]) -> dict[str, Document]:
    return {page.name: json.loads(render(page)) for page in ours}


@pytest.fixture(scope="module")
def release(shown: Catalog, settings: HostSettings, stack: Path) -> Release:
    return render_release(shown, settings, plan_images(shown, settings, services=stack, lock={}))


def again(document: Document) -> Document:
    """``document`` read and written by the parser that is made from Grafana's schema."""
    register_default_plugins()
    said = json.dumps(Dashboard.from_json(document), cls=JSONEncoder)
    found: Document = json.loads(said)
    return found


def test_they_are_the_golden_files(
    shown: Catalog, golden: Callable[[str, Mapping[str, bytes]], None]
) -> None:
    golden("dashboards", {name: text.encode() for name, text in render_dashboards(shown).items()})


def test_there_is_an_overview_and_a_page_for_each_service_whose_container_is_measured(whole: Catalog) -> None:
    assert [page.name for page in pages(whole)] == ["overview", *whole.services]


def test_where_the_host_measures_nothing_a_service_without_metrics_has_no_page(unmeasured: Catalog) -> None:
    shown = ["overview", *(one.name for one in unmeasured.scraped)]
    assert [page.name for page in pages(unmeasured)] == shown
    assert set(unmeasured.services) - set(shown)


def test_where_the_host_measures_nothing_a_page_shows_what_the_process_tells(unmeasured: Catalog) -> None:
    said = "".join(render_dashboards(unmeasured).values())
    assert "process_resident_memory_bytes" in said
    assert "garrison_container" not in said


def test_a_service_without_metrics_has_a_page_with_its_container_alone(whole: Catalog) -> None:
    (page,) = (one for one in pages(whole) if one.name == "redis")
    assert [row.title for row in page.rows] == ["Container"]


def test_a_service_that_tells_nothing_of_its_process_shows_what_its_container_takes(whole: Catalog) -> None:
    (page,) = (one for one in pages(whole) if one.name == "qdrant")
    (container,) = (row for row in page.rows if row.title == "Container")
    assert {"Memory", "Processor time", "Starts"} <= {panel.title for panel in container.panels}


def test_each_is_what_grafanas_schema_knows(documents: dict[str, Document]) -> None:
    assert [name for name, document in documents.items() if again(document) != document] == []


@pytest.mark.parametrize(("key", "value"), [("tittle", "x"), ("panels", [{"type": "stat", "tresholds": 1}])])
def test_what_the_schema_does_not_know_would_be_noticed(
    key: str, value: object, documents: dict[str, Document]
) -> None:
    faulty = {**documents["overview"], key: value}
    assert again(faulty) != faulty


def test_no_address_is_there_twice_and_each_fits(documents: dict[str, Document]) -> None:
    uids = [document["uid"] for document in documents.values()]
    assert len(set(uids)) == len(uids)
    assert max(map(len, uids)) <= 40


def test_panels_have_numbers_of_their_own_and_lie_side_by_side(documents: dict[str, Document]) -> None:
    for document in documents.values():
        panels = document["panels"]
        assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
        taken = [
            (x, y)
            for one in (panel["gridPos"] for panel in panels)
            for x in range(one["x"], one["x"] + one["w"])
            for y in range(one["y"], one["y"] + one["h"])
        ]
        assert len(set(taken)) == len(taken), document["title"]
        assert max(x for x, _ in taken) < 24, document["title"]


def test_deploys_are_noted_on_each_at_the_time_that_they_passed(documents: dict[str, Document]) -> None:
    for document in documents.values():
        (note,) = document["annotations"]["list"]
        assert note["expr"].endswith("garrison_deploy_ended_timestamp_seconds * 1000")
        assert (note["useValueForTime"], note["enable"]) == (True, True)


def test_each_asks_the_one_data_source(documents: dict[str, Document]) -> None:
    said = json.dumps(list(documents.values()))
    assert said.count('"datasource":') == said.count(
        '"datasource": {"type": "prometheus", "uid": "prometheus"}'
    )


def test_the_latency_of_a_service_shows_single_requests_with_their_trace_and_nothing_else_does(
    documents: dict[str, Document], whole: Catalog
) -> None:
    """Once a panel: another question about the same histogram would have the same exemplars."""
    found = [
        (name, panel["title"], target["expr"])
        for name, document in documents.items()
        for panel in document["panels"]
        for target in panel.get("targets", [])
        if target.get("exemplar")
    ]
    pages = ["overview", *(service.name for service in on_the_kit(whole))]
    assert [(name, title) for name, title, _ in found] == [(name, "Latency") for name in pages]
    assert all("http_request_duration_seconds_bucket" in expr for *_, expr in found)


def test_nothing_on_the_host_edits_them(documents: dict[str, Document]) -> None:
    assert {document["editable"] for document in documents.values()} == {False}


def test_without_a_host_that_is_measured_nothing_is_asked_of_it(catalog: Catalog) -> None:
    said = render_dashboards(catalog)["overview.json"]
    assert "node_" not in said
    assert "garrison_controls" not in said


@pytest.mark.parametrize("has_gpu", [False, True])
def test_the_overview_has_a_row_for_the_gpu_where_the_host_has_one(has_gpu: bool, whole: Catalog) -> None:
    overview, *_ = pages(whole, has_gpu=has_gpu)
    assert ("GPU" in [row.title for row in overview.rows]) is has_gpu


def test_without_somebody_who_shows_what_the_host_measures_there_is_no_row_for_the_gpu(
    unmeasured: Catalog,
) -> None:
    assert "garrison_gpu" not in "".join(render_dashboards(unmeasured, has_gpu=True).values())


def test_a_gpu_changes_the_overview_in_the_release_and_nothing_else(
    shown: Catalog, settings: HostSettings, stack: Path, release: Release
) -> None:
    images = plan_images(shown, settings, services=stack, lock={})
    trees = render_trees(shown, settings, has_gpu=True)
    other = render_release(shown, settings, images, trees=trees).config_trees["viewer"].files
    files = release.config_trees["viewer"].files
    assert [name for name in files if files[name] != other[name]] == ["dashboards/garrison/overview.json"]


def test_they_lie_in_the_release_of_who_shows_them(release: Release, shown: Catalog) -> None:
    files = release.config_trees["viewer"].files
    assert set(files) == {f"dashboards/garrison/{name}" for name in render_dashboards(shown)}


def test_they_are_mounted_as_one_folder_for_reading(release: Release) -> None:
    (mount,) = release.services["viewer"].spec["volumes"]
    folder = release.config_trees["viewer"].folder("/srv/garrison") / "dashboards"
    assert (mount["source"], mount["target"]) == (str(folder), "/etc/garrison/dashboards")
    assert mount["read_only"] is True
