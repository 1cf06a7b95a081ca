"""Every question of every panel is one that Prometheus takes, about something that a service of ours shows."""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.panels import VARIABLES, filled_in
from garrison.catalog.rules import Recording, load_rules, metrics_in
from garrison.dashboards.whole import Page, questions

Promtool = Callable[..., CompletedProcess[str]]
# What Prometheus itself makes: with each scrape, and of its alerts.
OF_PROMETHEUS = {"ALERTS", "scrape_duration_seconds", "scrape_samples_scraped", "up"}


def asked(ours: tuple[Page, ...]) -> Iterator[tuple[str, str]]:
    """Each question as Prometheus is asked it, after where it stands."""
    for page in ours:
        yield from ((f"{page.name}: {title}", filled_in(expr)) for title, expr in questions(page.rows))


def known(whole: Catalog, fixtures: Path) -> set[str]:
    """What the recorded scrapes of our services show, and what our rules record."""
    text = "\n".join(path.read_text() for path in (fixtures / "scrapes").glob("*.prom"))
    recorded = {
        rule.record
        for rules in load_rules(whole)
        for group in rules.file.groups
        for rule in group.rules
        if isinstance(rule, Recording)
    }
    return {*re.findall(r"^[a-z][\w:]*", text, re.MULTILINE), *recorded, *OF_PROMETHEUS}


def check(expressions: list[str], promtool: Promtool, folder: Path) -> CompletedProcess[str]:
    """What promtool says of them, as rules."""
    rules = [{"record": f"a:b{number}", "expr": one} for number, one in enumerate(expressions)]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "a", "rules": rules}]}))
    return promtool("check", "rules", folder / "rules.yml")


def test_every_metric_that_a_panel_names_is_one_that_a_service_of_ours_shows(
    ours: tuple[Page, ...], whole: Catalog, fixtures: Path
) -> None:
    there = known(whole, fixtures)
    assert [(where, lost) for where, expr in asked(ours) if (lost := metrics_in(expr) - there)] == []


@pytest.mark.parametrize("metric", ["job:http_request:rate5m", "garrison_deploys_info", "alerts"])
def test_a_metric_that_nobody_shows_would_be_noticed(metric: str, whole: Catalog, fixtures: Path) -> None:
    assert metrics_in(f"sum({metric})") - known(whole, fixtures) == {metric}


def test_every_question_is_one_that_prometheus_takes(
    ours: tuple[Page, ...], promtool: Promtool, tmp_path: Path
) -> None:
    done = check([expr for _, expr in asked(ours)], promtool, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_question_that_prometheus_does_not_take_would_be_noticed(
    promtool: Promtool, tmp_path: Path
) -> None:
    assert check(["rate(up)"], promtool, tmp_path).returncode != 0


def test_nothing_is_left_that_only_grafana_could_fill_in(ours: tuple[Page, ...]) -> None:
    assert [where for where, expr in asked(ours) if "$" in expr] == []
    assert filled_in(" ".join(VARIABLES)) == " ".join(VARIABLES.values())


def test_what_may_be_empty_on_a_live_host_is_a_panel_that_there_is_and_has_its_reason(
    ours: tuple[Page, ...], root: Path
) -> None:
    listed = yaml.safe_load((root / "tests/compliance/data/empty-panels.yaml").read_text())
    panels = [where for where, _ in asked(ours)]
    assert [one for one in listed if not any(fnmatch(where, one) for where in panels)] == []
    assert all(len(reason) > 10 for reason in listed.values())
