"""The configuration that Alertmanager is given is one that it takes, and routes alerts as it should."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.overrides import apply_overrides
from garrison.catalog.rules import Rules, alerts_of
from garrison.render.metrics import render_rules
from garrison.render.objectives import OF_ROUTES
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings
from tests.told_together import CASES, Case, Labels
from tests.unit.catalog.test_receivers import ALL

Amtool = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[dict[str, Any] | None], Path]


@pytest.fixture
def write(whole: Catalog, tmp_path: Path) -> Write:
    """Lays Alertmanager's files down as they are rendered, but for the path of the template."""

    def lay(alerts: dict[str, Any] | None) -> Path:
        settings = HostSettings.from_data("host", {"server_names": ["lab.test"], "alerts": alerts})
        catalog = apply_overrides(whole, settings)
        for name, file in render_tree(catalog, catalog.services["alertmanager"], settings).files.items():
            text = file.content.decode().replace(
                "/etc/garrison/garrison.tmpl", str(tmp_path / "garrison.tmpl")
            )
            (tmp_path / name).write_text(text)
        return tmp_path / "alertmanager.yml"

    return lay


@pytest.mark.parametrize("chosen", [[], ["webhook"], ["email"], ["heartbeat"], [*ALL]], ids=" and ".join)
def test_alertmanager_takes_what_is_rendered(write: Write, amtool: Amtool, chosen: list[str]) -> None:
    done = amtool("check-config", write({name: ALL[name] for name in chosen}))
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_does_not_take_would_be_noticed(write: Write, amtool: Amtool) -> None:
    config = write(ALL)
    config.write_text(config.read_text().replace("group_by", "grouped_by"))
    done = amtool("check-config", config)
    assert done.returncode != 0
    assert "field grouped_by not found" in done.stdout + done.stderr


def test_a_broken_template_of_the_mail_would_be_noticed(write: Write, amtool: Amtool) -> None:
    config = write(ALL)
    config.with_name("garrison.tmpl").write_text('{{ define "garrison.text" }}{{ range }}')
    assert amtool("check-config", config).returncode != 0


ROUTES = {
    ("alertname=TargetDown", "severity=page", "job=aidb"): "page",
    ("alertname=DiskFillsUp", "severity=ticket"): "ticket",
    ("alertname=Watchdog", "severity=heartbeat"): "heartbeat",
    ("alertname=Unknown",): "page",
}


@pytest.mark.parametrize("labels", ROUTES, ids=lambda labels: labels[0])
def test_an_alert_takes_the_way_of_its_severity(
    write: Write, amtool: Amtool, labels: tuple[str, ...]
) -> None:
    done = amtool("config", "routes", "test", f"--config.file={write(ALL)}", *labels)
    assert done.stdout.strip() == ROUTES[labels], done.stderr


def test_what_silences_another_is_an_alert_that_there_is(write: Write, all_rules: tuple[Rules, ...]) -> None:
    known = {alert.alert for rules in all_rules for alert in alerts_of(rules)}
    rules = yaml.safe_load(write(None).read_text())["inhibit_rules"]
    matchers = [one for rule in rules for key in rule if key != "equal" for one in rule[key]]
    named = {name for one in matchers if "alertname" in one for name in re.findall(r"[A-Z]\w+", one)}
    assert named
    assert named <= known


def test_what_silences_another_is_about_the_same_thing(write: Write) -> None:
    assert all(rule["equal"] for rule in yaml.safe_load(write(None).read_text())["inhibit_rules"])


def is_matched(alert: Labels, matchers: list[str]) -> bool:
    """Whether an alert has the labels that a rule asks for; the template uses these three kinds."""
    for matcher in matchers:
        label, kind, wanted = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher).groups()  # type: ignore[union-attr]  # or fail
        same = re.fullmatch(wanted if kind == "=~" else re.escape(wanted), alert.get(label, ""))
        if bool(same) == (kind == "!="):
            return False
    return True


def is_held_back(alert: Labels, fires: tuple[Labels, ...], rules: list[dict[str, list[str]]]) -> bool:
    """As Alertmanager judges it: also what is held back itself holds others back."""
    return any(
        is_matched(alert, rule["target_matchers"])
        and any(
            is_matched(other, rule["source_matchers"])
            and all(alert.get(label) == other.get(label) for label in rule["equal"])
            for other in fires
            if other is not alert
        )
        for rule in rules
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_cause_is_told_and_what_follows_from_it_is_not(write: Write, case: Case) -> None:
    rules = yaml.safe_load(write(None).read_text())["inhibit_rules"]
    fires = (*case.told, *case.untold)
    assert tuple(one for one in fires if is_held_back(one, fires, rules)) == case.untold


def test_without_the_rules_everything_would_be_told() -> None:
    fires = (*CASES[0].told, *CASES[0].untold)
    assert not any(is_held_back(one, fires, []) for one in fires)


def test_an_alert_about_a_route_names_the_service_behind_it(whole: Catalog) -> None:
    """By that label the alert of the service and that of the door find each other."""
    rules = yaml.safe_load(render_rules(whole))["groups"][0]["rules"]
    found = {one["labels"]["route"]: one["labels"]["job"] for one in rules if one["record"] == OF_ROUTES}
    assert whole.door
    assert found == {one.route.path: one.name for one in whole.routed if one.route} | {"all": whole.door.name}
