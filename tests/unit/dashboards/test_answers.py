"""Every question has an answer when what our services show is what was recorded of them: joins and labels fit too."""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from math import isfinite
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from garrison.catalog.catalog import Catalog
from garrison.catalog.panels import filled_in
from garrison.dashboards.kit import on_the_kit
from garrison.dashboards.whole import Page, questions
from garrison.render.metrics import render_rules

Promtool = Callable[..., CompletedProcess[str]]
SAMPLE = re.compile(r"^([a-z][\w:]*)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
# Of what only a real Grafana shows nothing is recorded: of it just what every process shows.
UNRECORDED = """
process_start_time_seconds 1
process_resident_memory_bytes 1
process_cpu_seconds_total 1
process_open_fds 1
process_max_fds 2
"""
OF_EACH_SCRAPE = "up 1\nscrape_duration_seconds 0.01\nscrape_samples_scraped 100\n"


def scrapes(catalog: Catalog, fixtures: Path) -> dict[str, str]:
    """What each job was recorded to show."""
    texts = {path.stem: path.read_text() for path in (fixtures / "scrapes").glob("*.prom")}
    kit = {service.name for service in on_the_kit(catalog)}
    own = {service.name: texts.get(service.name, "") for service in catalog.scraped}
    return {
        name: OF_EACH_SCRAPE + (texts["kit"] if name in kit else "") + (text or UNRECORDED)
        for name, text in own.items()
    }


def series(job: str, text: str) -> Iterator[dict[str, str]]:
    """Its samples as promtool takes them, the same for ten minutes."""
    for name, labels, value in SAMPLE.findall(text):
        if isfinite(float(value)):
            said = ",".join([*([labels] if labels else []), f'job="{job}"', f'instance="{job}:1"'])
            yield {"series": f"{name}{{{said}}}", "values": f"{float(value):.6f}+0x40"}


@pytest.fixture(scope="module")
def answered(
    whole: Catalog, fixtures: Path, promtool: Promtool, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[str]], str]:
    """What promtool says of questions: nothing where each has an answer."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "rules.yml").write_text(render_rules(whole))
    recorded = [one for job, text in scrapes(whole, fixtures).items() for one in series(job, text)]

    def answered(expressions: list[str]) -> str:
        # A number by itself is an answer too, and has to become a series to be counted.
        counted = [f"vector({one})" if re.fullmatch(r"[0-9.]+", one) else one for one in expressions]
        cases = [
            {"expr": f"sgn(count({one}))", "eval_time": "9m", "exp_samples": [{"labels": "{}", "value": 1}]}
            for one in counted
        ]
        test = {"interval": "15s", "input_series": recorded, "promql_expr_test": cases}
        document = {"rule_files": ["rules.yml"], "evaluation_interval": "15s", "tests": [test]}
        (folder / "test.yml").write_text(yaml.safe_dump(document, width=10_000))
        done = promtool("test", "rules", folder / "test.yml")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    return answered


def test_every_question_has_an_answer(
    ours: tuple[Page, ...], root: Path, answered: Callable[[list[str]], str]
) -> None:
    may_be_empty = yaml.safe_load((root / "tests/compliance/data/empty-panels.yaml").read_text())
    asked = [
        filled_in(expr)
        for page in ours
        for title, expr in questions(page.rows)
        if not any(fnmatch(f"{page.name}: {title}", pattern) for pattern in may_be_empty)
    ]
    assert len(asked) > 150
    assert answered(asked) == ""


@pytest.mark.parametrize(
    "expression",
    [
        'rate(process_cpu_seconds_total{job="aidbs"}[1m])',
        "garrison_deploy_info * on (release) group_left () garrison_deploy_ended_timestamp_seconds",
        "sum by (route) (http_requests_total{code='200'})",
    ],
)
def test_a_question_that_nothing_answers_would_be_noticed(
    expression: str, answered: Callable[[list[str]], str]
) -> None:
    assert answered(["up"]) == ""
    assert answered(["up", expression]) != ""


@pytest.mark.parametrize("title", ["Containers measured", "GPUs measured"])
@pytest.mark.parametrize("is_measured", [0, 1])
def test_a_measurement_that_failed_has_no_age(
    title: str, is_measured: int, ours: tuple[Page, ...], promtool: Promtool, tmp_path: Path
) -> None:
    (asked,) = (expr for page in ours for one, expr in questions(page.rows) if one == title)
    name = f"garrison_{title.split()[0].lower()}_measured"
    recorded = [
        {"series": name, "values": f"{is_measured}x40"},
        {"series": f"{name}_timestamp_seconds", "values": "0+15x40"},
    ]
    wanted = [{"labels": "{}", "value": is_measured}] if is_measured else []
    case = {"expr": f"count({asked})", "eval_time": "9m", "exp_samples": wanted}
    test = {"interval": "15s", "input_series": recorded, "promql_expr_test": [case]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"tests": [test]}, width=10_000))
    done = promtool("test", "rules", tmp_path / "test.yml")
    assert done.returncode == 0, done.stdout + done.stderr
