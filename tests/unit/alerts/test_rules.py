"""Every rule has a test in which it fires and one in which it doesn't, by promtool, and asks for what is there."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.rules import TESTS, Alert, Recording, Rules, alerts_of, metrics_in, rule_paths
from garrison.render.metrics import render_rules
from garrison.render.objectives import OF_ROUTES, OF_SERVICES

ROOT = Path(__file__).parents[3]
Promtool = Callable[..., subprocess.CompletedProcess[str]]
FILES = sorted(path for folder in (ROOT / "services").iterdir() for path in rule_paths(folder))
ALERTS = sorted(
    (path, rule["alert"])
    for path in FILES
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
)
# What Prometheus itself adds to each scrape.
OF_EVERY_SCRAPE = {"up", "scrape_samples_post_metric_relabeling"}


def beside(path: Path) -> list[Path]:
    """The files of tests for a file of rules."""
    found = sorted(path.parent.glob(f"*{TESTS}"))
    return [each for each in found if path.name in yaml.safe_load(each.read_text())["rule_files"]]


def cases(path: Path) -> list[dict[str, Any]]:
    """What is in them."""
    return [case for each in beside(path) for case in yaml.safe_load(each.read_text())["tests"]]


def exposed(fixtures: Path) -> set[str]:
    """The names in the recorded scrapes of our services."""
    text = "\n".join(path.read_text() for path in (fixtures / "scrapes").glob("*.prom"))
    return set(re.findall(r"^[a-z][\w:]*", text, re.MULTILINE))


def asked(all_rules: tuple[Rules, ...]) -> Iterator[tuple[str, str]]:
    """Each rule by its name, with each metric that it asks for."""
    for rules in all_rules:
        for group in rules.file.groups:
            for rule in group.rules:
                name = rule.alert if isinstance(rule, Alert) else rule.record
                yield from ((name, metric) for metric in metrics_in(rule.expr))


def test_all_rules_together_are_ones_that_prometheus_takes(
    whole: Catalog, promtool: Promtool, tmp_path: Path
) -> None:
    (tmp_path / "rules.yml").write_text(render_rules(whole))
    done = promtool("check", "rules", tmp_path / "rules.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_the_tests_beside_a_file_of_rules_pass(path: Path, promtool: Promtool) -> None:
    done = promtool("test", "rules", *beside(path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "alert"), ALERTS, ids=[alert for _, alert in ALERTS])
def test_an_alert_is_seen_to_fire_and_seen_not_to(path: Path, alert: str) -> None:
    said = [
        bool(each["exp_alerts"])
        for test in cases(path)
        for each in test.get("alert_rule_test", [])
        if each["alertname"] == alert
    ]
    assert {True, False} <= set(said)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_an_alert_that_never_fires_is_noticed(path: Path, promtool: Promtool, tmp_path: Path) -> None:
    rules = yaml.safe_load(path.read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    for rule in alerts:
        rule["expr"] = "vector(0) > 1"
    (tmp_path / path.name).write_text(yaml.safe_dump(rules))
    for each in beside(path):
        (tmp_path / each.name).write_text(each.read_text())
    done = promtool("test", "rules", *(tmp_path / each.name for each in beside(path)))
    assert done.returncode != 0
    missed = set(re.findall(r"alertname: (\w+),", done.stdout + done.stderr))
    assert missed == {rule["alert"] for rule in alerts}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_each_recorded_series_is_asked_for_by_a_test(path: Path, all_rules: tuple[Rules, ...]) -> None:
    (rules,) = [one for one in all_rules if one.source.path == path]
    recorded = {
        rule.record for group in rules.file.groups for rule in group.rules if isinstance(rule, Recording)
    }
    seen = {
        metric
        for test in cases(path)
        for each in test.get("promql_expr_test", [])
        if each["exp_samples"]
        for metric in metrics_in(each["expr"])
    }
    assert recorded <= seen


def test_every_metric_that_a_rule_names_is_one_that_a_service_of_ours_shows(
    all_rules: tuple[Rules, ...], fixtures: Path
) -> None:
    recorded = {
        rule.record
        for rules in all_rules
        for group in rules.file.groups
        for rule in group.rules
        if isinstance(rule, Recording)
    }
    known = exposed(fixtures) | recorded | OF_EVERY_SCRAPE | {OF_ROUTES, OF_SERVICES}
    assert [(name, metric) for name, metric in asked(all_rules) if metric not in known] == []


def test_a_metric_that_nobody_shows_would_be_noticed(fixtures: Path) -> None:
    expression = "sum(rate(http_request_total[5m])) / sum(rate(http_requests_total[5m]))"
    assert metrics_in(expression) - exposed(fixtures) == {"http_request_total"}


def test_a_metric_named_by_a_matcher_is_found_too() -> None:
    assert metrics_in('max_over_time({__name__="up", job="x"}[5m:1m]) unless on() (foo offset 5m)') == {
        "up",
        "foo",
    }


def test_no_alert_is_left_without_a_runbook_and_no_runbook_without_an_alert(
    all_rules: tuple[Rules, ...], root: Path
) -> None:
    alerts = {alert.alert for rules in all_rules for alert in alerts_of(rules)}
    assert {page.stem for page in (root / "docs/runbooks").glob("*.md")} == alerts


@pytest.mark.parametrize("page", sorted((ROOT / "docs/runbooks").glob("*.md")), ids=lambda page: page.stem)
def test_a_runbook_says_what_it_means_where_to_look_and_what_mends_it(page: Path) -> None:
    text = page.read_text()
    assert re.match(rf"# {page.stem}\n\n\w[^#]+\n## Look\n\n- [^#]+\n## Mend\n\n- [^#]+\Z", text)
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (page.parent / link).is_file()] == []
