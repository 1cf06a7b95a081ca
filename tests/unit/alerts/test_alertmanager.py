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
from garrison.render.service_files import render_tree
from garrison.settings import HostSettings
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
