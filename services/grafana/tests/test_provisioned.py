"""What lies in the files is what is shown, and a broken file is refused at the start."""

import json
from collections.abc import Callable

import pytest
import yaml
from grafana_process import BOARDS, Client, Site

UIDS = sorted(json.loads(path.read_text())["uid"] for path in BOARDS.glob("*.json"))


def test_every_dashboard_is_found(grafana: Client) -> None:
    found = grafana.get("/api/search?type=dash-db&limit=5000").json()
    assert sorted(one["uid"] for one in found) == UIDS
    assert {one["folderTitle"] for one in found} == {"Garrison"}


def test_a_search_finds_by_title(grafana: Client) -> None:
    assert [one["uid"] for one in grafana.get("/api/search?query=OVERVIEW").json()] == ["garrison-overview"]


def test_a_dashboard_is_told_as_it_lies_in_its_file(grafana: Client) -> None:
    said = grafana.get("/api/dashboards/uid/garrison-overview").json()
    said["dashboard"].pop("id")
    assert said["dashboard"] == json.loads((BOARDS / "overview.json").read_text())
    assert (said["meta"]["provisioned"], said["meta"]["canSave"]) == (True, False)


def test_one_that_is_not_there_is_not_found(grafana: Client) -> None:
    assert grafana.get("/api/dashboards/uid/none").status_code == 404


def test_one_with_sources_that_grafana_has_by_itself_is_loaded(site: Site) -> None:
    notes = {"list": [{"name": "Annotations & Alerts", "datasource": {"uid": "-- Grafana --"}}]}
    panel = {"title": "One", "datasource": {"uid": "${source}"}}
    board = {"title": "My own", "uid": "own", "panels": [panel], "annotations": notes}
    (site.boards / "own.json").write_text(json.dumps(board))
    with site.running() as client:
        assert client.get("/api/dashboards/uid/own").status_code == 200


def test_data_sources_are_told_by_what_their_file_says(grafana: Client) -> None:
    prometheus, jaeger = grafana.get("/api/datasources").json()
    assert (prometheus["uid"], prometheus["type"], prometheus["readOnly"]) == (
        "prometheus",
        "prometheus",
        True,
    )
    assert (jaeger["uid"], jaeger["type"], jaeger["isDefault"]) == ("jaeger", "jaeger", False)


def test_the_way_from_an_exemplar_to_its_trace_is_told(grafana: Client) -> None:
    said = grafana.get("/api/datasources/uid/prometheus").json()["jsonData"]
    assert said["exemplarTraceIdDestinations"] == [{"name": "trace_id", "datasourceUid": "jaeger"}]


def _no_json(site: Site) -> None:
    (site.boards / "api.json").write_text('{"title": "Api",\n "uid"}')


def _no_uid(site: Site) -> None:
    (site.boards / "api.json").write_text('{"title": "Api", "panels": []}')


def _uid_twice(site: Site) -> None:
    (site.boards / "twice.json").write_text((site.boards / "api.json").read_text())


def _no_panels(site: Site) -> None:
    (site.boards / "api.json").write_text('{"title": "Api", "uid": "api"}')


def _other_source(site: Site) -> None:
    text = (site.boards / "api.json").read_text()
    (site.boards / "api.json").write_text(text.replace('"uid": "prometheus"', '"uid": "loki"', 1))


def _other_source_in_a_row(site: Site) -> None:
    inner = {"title": "Inner", "datasource": "loki", "targets": []}
    board = {"title": "Api", "uid": "api", "panels": [{"title": "Row", "panels": [inner]}]}
    (site.boards / "api.json").write_text(json.dumps(board))


def _no_boards(site: Site) -> None:
    site.boards.rename(site.folder / "elsewhere")


def _way_to_nowhere(site: Site) -> None:
    site.sources.write_text(site.sources.read_text().replace("datasourceUid: jaeger", "datasourceUid: tempo"))


def _way_from_no_label(site: Site) -> None:
    site.sources.write_text(site.sources.read_text().replace("name: trace_id", "name: ''"))


def _no_yaml(site: Site) -> None:
    site.sources.write_text("datasources: [")


def _no_version(site: Site) -> None:
    site.sources.write_text(yaml.safe_dump({"datasources": []}))


def _no_url(site: Site) -> None:
    site.sources.write_text(yaml.safe_dump({"apiVersion": 1, "datasources": [{"name": "x", "uid": "x"}]}))


@pytest.mark.parametrize(
    ("spoil", "file", "said"),
    [
        (_no_json, "boards/api.json", "line 2 column 7"),
        (_no_uid, "boards/api.json", "has a title and a uid"),
        (_uid_twice, "boards/twice.json", "another dashboard has the uid 'garrison-api'"),
        (_no_panels, "boards/api.json", "no list of panels"),
        (_other_source, "boards/api.json", "'loki', which is no data source"),
        (_other_source_in_a_row, "boards/api.json", "'Inner' asks 'loki'"),
        (_no_boards, "dashboards/garrison.yaml", "there is no dashboard in"),
        (_way_to_nowhere, "datasources/garrison.yaml", "leads from an exemplar's 'trace_id' to 'tempo'"),
        (_way_from_no_label, "datasources/garrison.yaml", "leads from an exemplar's '' to 'jaeger'"),
        (_no_yaml, "datasources/garrison.yaml", "expected the node content"),
        (_no_version, "datasources/garrison.yaml", "apiVersion should be 1"),
        (_no_url, "datasources/garrison.yaml", "an entry of datasources has no type"),
    ],
)
def test_a_broken_file_keeps_it_from_starting(
    spoil: Callable[[Site], None], file: str, said: str, site: Site
) -> None:
    spoil(site)
    told = site.fails()
    assert file in told
    assert said in told
