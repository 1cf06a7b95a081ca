"""Phase 3.2 has a gate where something scrapes, and what it finds takes the release back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.evidence.dashboards import wanted_dashboards
from garrison.evidence.metrics import wanted_rules
from garrison.plan.metrics import (
    alert_warnings,
    dashboards_question,
    judge_loaded,
    judge_measured,
    metrics_question,
    plan_metrics,
)
from garrison.plan.step import Command, Exchange
from garrison.plan.wanted import Wanted
from garrison.render.release import render_release
from garrison.settings import HostSettings


@pytest.fixture(scope="module")
def observed(wanted: Wanted, root: Path) -> Wanted:
    catalog = load_catalog([root / "services"]).select(["core", "observability"])
    return replace(wanted, catalog=catalog)


@pytest.fixture(scope="module")
def shown(observed: Wanted) -> Wanted:
    images = plan_images(observed.catalog, observed.settings, services=observed.services_dir, lock={})
    release = render_release(observed.catalog, observed.settings, images)
    return replace(observed, images=images, release=release)


def answer(wanted: Wanted, health: str) -> str:
    targets = {one.name: {"health": health, "error": ""} for one in wanted.catalog.scraped}
    rules = {
        name: {"health": "ok", "error": "", "queries": queries}
        for name, queries in wanted_rules(wanted).items()
    }
    return json.dumps({"error": "", "targets": targets, "rules": rules})


def test_the_core_alone_has_nothing_to_prove(wanted: Wanted) -> None:
    assert plan_metrics(wanted).gate is None


def test_the_gate_asks_prometheus_about_every_service_with_metrics(observed: Wanted) -> None:
    gate = plan_metrics(observed).gate
    assert gate is not None
    (exchange,) = gate.commands
    assert isinstance(exchange, Exchange)
    assert isinstance(exchange.ask, Command)
    assert "/usr/local/lib/garrison/look-metrics" in exchange.ask.line
    question = json.loads(metrics_question(observed) or "")
    assert question["port"] == 9090
    assert question["jobs"] == [one.name for one in observed.catalog.scraped]
    assert question["age"] == 0  # of what was replaced a moment ago an earlier scrape says nothing


def test_there_is_time_for_more_than_one_scrape_and_the_command_outlives_it(observed: Wanted) -> None:
    question = json.loads(metrics_question(observed) or "")
    gate = plan_metrics(observed).gate
    assert gate is not None
    (exchange,) = gate.commands
    assert isinstance(exchange, Exchange)
    assert 30 <= question["deadline"] < exchange.ask.timeout


def test_all_up_lets_the_deploy_go_on(observed: Wanted) -> None:
    assert [one.line for one in judge_measured(answer(observed, "up"), observed)] == ["true"]


def test_a_target_that_is_down_takes_the_release_back(observed: Wanted) -> None:
    (command,) = judge_measured(answer(observed, "down"), observed)
    assert "aidb: it isn" in command.line
    assert "return-release" in command.line


def telling(wanted: Wanted, **receivers: dict[str, object]) -> Wanted:
    said = {"server_names": ["lab.test"], "alerts": receivers}
    return replace(wanted, settings=HostSettings.from_data("host", said))


WEBHOOK: dict[str, object] = {"url": "https://hooks.example.net/garrison"}


def test_that_nobody_is_told_of_alerts_is_said_with_where_they_are(observed: Wanted) -> None:
    (warning,) = alert_warnings(observed)
    assert warning == (
        "Nobody is told of alerts: 'alerts' in the inventory names no receiver for them; "
        "they are at http://127.0.0.1:9090/alerts on the host."
    )


def test_a_sign_of_life_alone_tells_nobody_of_alerts(observed: Wanted) -> None:
    assert alert_warnings(telling(observed, heartbeat=WEBHOOK)) == alert_warnings(observed)


def test_a_severity_that_nobody_takes_is_named(observed: Wanted) -> None:
    (warning,) = alert_warnings(telling(observed, webhook={**WEBHOOK, "severities": ["page"]}))
    assert warning.startswith("Nobody is told of alerts of severity ticket:")


def test_where_everything_is_told_there_is_nothing_to_say(observed: Wanted) -> None:
    assert alert_warnings(telling(observed, webhook=WEBHOOK)) == ()


def test_receivers_without_anybody_who_tells_them_are_a_mistake(wanted: Wanted) -> None:
    (warning,) = alert_warnings(telling(wanted, webhook=WEBHOOK))
    assert warning.endswith("no service of the chosen profiles does it; add observability.")
    assert alert_warnings(wanted) == ()


def test_the_gate_asks_grafana_about_every_dashboard_of_the_release(shown: Wanted) -> None:
    gate = plan_metrics(shown).gate
    assert gate is not None
    _, exchange = gate.commands
    assert isinstance(exchange, Exchange)
    question = json.loads(dashboards_question(shown) or "")
    assert (question["port"], question["secret"]) == (3002, "grafana_admin_password")
    assert question["secret"] in shown.catalog.services["grafana"].secrets
    assert "garrison-overview" in question["dashboards"]
    assert len(question["dashboards"]) == len(shown.catalog.services) + 1
    assert question["deadline"] < exchange.ask.timeout


def test_without_grafana_the_gate_asks_prometheus_alone(wanted: Wanted) -> None:
    assert dashboards_question(wanted) is None


def test_all_loaded_lets_the_deploy_go_on_and_one_that_is_missing_takes_the_release_back(
    shown: Wanted,
) -> None:
    loaded = {"error": "", "dashboards": list(wanted_dashboards(shown)), "sources": {"Prometheus": ""}}
    assert [one.line for one in judge_loaded(json.dumps(loaded), shown)] == ["true"]
    loaded["dashboards"] = loaded["dashboards"][1:]
    (command,) = judge_loaded(json.dumps(loaded), shown)
    assert "return-release" in command.line
