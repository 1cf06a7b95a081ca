"""The plain page of a dashboard: every panel is on it, filled from Prometheus, and nothing in it is taken for HTML."""

import json
import re
import time
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from grafana_process import BOARDS, PASSWORD, Client, Site, answering

EVIL = "<script>alert(1)</script>"


def answers(value: str, labels: dict[str, str]) -> dict[str, Any]:
    """One series, now and over the last six hours."""
    now = time.time()
    points = [[now - 60 * number, value] for number in range(360, 0, -1)]
    single = {"resultType": "vector", "result": [{"metric": labels, "value": [now, value]}]}
    many = {"resultType": "matrix", "result": [{"metric": labels, "values": points}]}
    return {
        "/api/v1/query": {"status": "success", "data": single},
        "/api/v1/query_range": {"status": "success", "data": many},
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with (
        answering(answers("1", {"job": EVIL, "alertname": "TargetDown"})) as url,
        Site(tmp_path_factory.mktemp("page"), url).running() as client,
    ):
        yield client


def test_the_first_page_is_the_overview(page: Client) -> None:
    assert "<title>Garrison: overview</title>" in page.get("/").text
    assert page.get("/").text.count("<section") == page.get("/d/garrison-overview").text.count("<section")


def test_every_panel_is_on_it(page: Client) -> None:
    document = json.loads((BOARDS / "overview.json").read_text())
    text = page.get("/").text
    for panel in document["panels"]:
        heading = "h2" if panel["type"] == "row" else "h3"
        assert f"<{heading}>{escape(panel['title'])}</{heading}>" in text


def test_every_picture_is_whole(page: Client) -> None:
    pictures = re.findall(r"<svg.*?</svg>", page.get("/").text)
    assert len(pictures) > 5
    for one in pictures:
        ElementTree.fromstring(one)  # noqa: S314 - of our own making


def test_a_line_goes_through_its_points_and_a_gap_parts_it(tmp_path: Path) -> None:
    told = answers("1", {"job": "aidb"})
    points = told["/api/v1/query_range"]["data"]["result"][0]["values"]
    for gap, paths in ((0, 1), (30, 2)):
        del points[100 : 100 + gap]
        folder = tmp_path / str(gap)
        with answering(told) as url, Site(folder, url).running() as client:
            traffic = re.search(r"<h3>Traffic</h3>(<svg.*?</svg>)", client.get("/").text)
        assert traffic is not None
        drawn = re.findall(r'<path d="(M[^"]*)" fill="none"', traffic[1])
        assert len(drawn) == paths
        assert sum(path.count("L") + 1 for path in drawn) == len(points)


def test_what_prometheus_says_is_text(page: Client) -> None:
    text = page.get("/").text
    assert EVIL not in text
    assert "&lt;script&gt;" in text


def test_a_list_shows_labels_and_not_where_a_sample_comes_from(page: Client) -> None:
    text = page.get("/").text
    assert "<td>TargetDown" in text
    assert "<th>instance" not in text


def test_it_names_itself_a_stand_in_and_runs_no_script(page: Client) -> None:
    answer = page.get("/")
    assert "stand-in for Grafana" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("since", ["now-30m", "now-2d", "yesterday", "now-999999h", EVIL])
def test_how_far_back_it_looks_can_be_chosen(since: str, page: Client) -> None:
    text = page.http.get("/", params={"from": since}, auth=("admin", PASSWORD)).text
    assert (since if since in ("now-30m", "now-2d") else "now-6h") in text


def test_one_that_is_not_there_is_not_found(page: Client) -> None:
    assert page.get("/d/none").status_code == 404


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-1"])
def test_odd_numbers_break_nothing(value: str, tmp_path: Path) -> None:
    with answering(answers(value, {})) as url, Site(tmp_path, url).running() as client:
        text = client.get("/").text
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', text)
    for one in re.findall(r"<svg.*?</svg>", text):
        ElementTree.fromstring(one)  # noqa: S314 - of our own making


def test_a_prometheus_that_is_away_is_said_on_each_panel(tmp_path: Path) -> None:
    with Site(tmp_path).running() as client:
        answer = client.get("/")
    assert answer.status_code == 200
    assert answer.text.count("doesn&#x27;t answer") >= answer.text.count("<section")
