"""How a log becomes a table and a table a page; needs no host."""

import json
from pathlib import Path

import pytest

from tests.bench.report import Outcome, Row, Section, describe, keep, read
from tests.bench.steps import group_of, section, sum_steps
from tests.bench.table import fill
from tests.bench.test_memory import MIB
from tests.bench.test_observability import at_rest, of_scrapes

TITLES = {
    "1.1 host | install crun, podman (not installed)": "packages",
    "2.1 network | make the base image (localhost/garrison/base:1 isn't there)": "base image",
    "2.1 network | build the image of llama-cpp (localhost/x:1 isn't there)": "image of llama-cpp",
    "2.1 network | pull the image of redis (registry/x isn't there)": "image of redis",
    "2.1 network | start redis and wait until it is ready, at most 60 s (it doesn't exist)": (
        "services, each until it is ready"
    ),
    "2.2 tls | start nginx, the door, and wait until it is ready, at most 60 s (x)": (
        "services, each until it is ready"
    ),
    "2.3 auth | prove that the door lets nobody in without a key (something changed)": "gates",
    "0 preflight | take the host's lock": "files, accounts, networks, secrets, certificate",
}


def line(event: str, step: str, seconds: float, host: str = "lab") -> str:
    return json.dumps({"event": event, "host": host, "step": step, "seconds": seconds})


@pytest.mark.parametrize(("step", "group"), TITLES.items())
def test_a_step_belongs_to_the_group_of_its_title(step: str, group: str) -> None:
    assert group_of(step) == group


def test_a_log_is_summed_by_group() -> None:
    log = [
        line("step_started", "x | install a", 0),
        *(line("step_done", "x | install a", 30.0) for _ in "ab"),
    ]
    rows = section(sum_steps(log, None), "cold", "log").rows
    assert [(row.what, row.figures["minutes"]) for row in rows] == [("packages", 1.0), ("**together**", 1.0)]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ([line("step_failed", "x | install a", 1.0)], "a step failed"),
        ([line("step_done", "x | y", 1.0), line("step_done", "x | y", 1.0, "other")], "several hosts"),
        ([], "no step"),
    ],
    ids=["failed", "several", "no-op"],
)
def test_a_log_of_no_whole_deploy_is_refused(log: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sum_steps(log, None)


def test_a_kept_section_fills_its_block_of_the_page_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    made = Section(
        id="one",
        method="by hand.",
        rows=(Row(what="a", figures={"runs": 2, "min s": 0.12345}),),
        outcomes=(Outcome(what="a / b", measured="2.0", aim="at least 1"),),
        load=(0.1, 0.2),
    )
    keep(made, file)
    page = "x\n<!-- bench:one -->\nold\n<!-- bench:end -->\n<!-- bench:two -->\nearlier\n<!-- bench:end -->\n"
    filled = fill(page, read(file)["sections"])
    assert "\n".join(describe(made)) in filled
    assert "| a | 2 | 0.123 |" in filled
    assert "old" not in filled
    assert filled.endswith("<!-- bench:two -->\nearlier\n<!-- bench:end -->\n")


def test_observability_stands_beside_the_core_profile_and_podman_beside_both() -> None:
    used = {
        "aidb": {"pss": 60 * MIB, "processes": 1, "cpu": 3.0},
        "redis": {"pss": 40 * MIB, "processes": 1, "cpu": 1.0},
        "prometheus": {"pss": 50 * MIB, "processes": 2, "cpu": 1.0},
        "helpers": {"pss": 20 * MIB, "processes": 9, "cpu": 7.0},
    }
    section = at_rest(used, {"prometheus"}, 100, (1.0, 1.0))
    assert [one.measured for one in section.outcomes] == ["0.50", "0.25"]
    assert section.rows[2].figures == {"PSS MiB": 100.0, "CPU ms a second": 40.0, "processes": 2}


def test_the_95th_percentile_of_scrapes_is_that_of_all_targets_together() -> None:
    section = of_scrapes({"quick": [0.01] * 38, "slow": [0.2] * 2}, (1.0, 1.0))
    assert [row.what for row in section.rows] == ["slow", "quick"]
    assert section.outcomes[0].measured == "190 ms"
