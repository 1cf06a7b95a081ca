"""Objectives become series: of each service, each route, and the door as a whole."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.objectives import Objectives
from garrison.catalog.overrides import apply_overrides
from garrison.problem import ProblemError
from garrison.render.metrics import render_rules
from garrison.render.objectives import objective_records
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings


@pytest.fixture(scope="module")
def watched(stack: Path, fixtures: Path) -> Catalog:
    return load_catalog([stack, fixtures / "catalogs" / "watched"])


def said(catalog: Catalog, **objectives: Any) -> dict[str, str]:
    """Each series with its value, as it is written in the file."""
    records = objective_records(catalog, Objectives(**objectives))
    return {f"{one['record']}{one['labels']}": str(one["expr"]) for one in records}


def test_every_service_with_metrics_and_every_route_has_one_and_so_has_the_door(watched: Catalog) -> None:
    found = said(watched)
    assert set(found.values()) == {"vector(0.995)"}
    assert set(found) == {
        *(f"job:objective:ratio{{'job': '{name}'}}" for name in ("api", "door", "meter", "model", "watcher")),
        *(
            f"route:objective:ratio{{'job': '{name}', 'route': '{path}'}}"
            for name, path in (("api", "/api/"), ("model", "/model/"), ("door", "all"))
        ),
    }


def test_what_holds_for_a_service_holds_for_its_route_and_what_for_the_door_for_all(watched: Catalog) -> None:
    found = said(watched, default=99, services={"model": 95.5, "door": 99.9})
    assert found["job:objective:ratio{'job': 'model'}"] == "vector(0.955)"
    assert found["route:objective:ratio{'job': 'model', 'route': '/model/'}"] == "vector(0.955)"
    assert found["route:objective:ratio{'job': 'door', 'route': 'all'}"] == "vector(0.999)"
    assert found["route:objective:ratio{'job': 'api', 'route': '/api/'}"] == "vector(0.99)"


def test_they_come_before_the_rules_that_ask_for_them(watched: Catalog) -> None:
    first = yaml.safe_load(render_rules(watched))["groups"][0]
    assert (first["name"], len(first["rules"])) == ("objectives", 8)


def test_they_are_those_of_the_inventory(watched: Catalog) -> None:
    settings = HostSettings.from_data(
        "host", {"server_names": ["lab.test"], "objectives": {"services": {"api": 98}}}
    )
    tree = render_tree(watched, watched.services["watcher"], settings)
    assert b"vector(0.98)" in tree.files["watched.yml"].content


def test_a_service_that_is_not_there_has_none(watched: Catalog) -> None:
    settings = HostSettings.from_data(
        "host", {"server_names": ["lab.test"], "objectives": {"services": {"apy": 98}}}
    )
    with pytest.raises(ProblemError) as raised:
        apply_overrides(watched, settings)
    (problem,) = raised.value.problems
    assert problem.where == "inventory: objectives.services.apy"
    assert "api" in problem.remedy


@pytest.mark.parametrize("percent", [0.995, 49, 100, "many"])
def test_a_share_that_is_no_percentage_below_a_hundred_is_refused(percent: object) -> None:
    with pytest.raises(ProblemError):
        HostSettings.from_data("host", {"server_names": ["lab.test"], "objectives": {"default": percent}})
