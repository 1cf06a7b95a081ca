"""What is wrong with what Prometheus says of its targets and rules, each case once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.evidence.metrics import Measured, Seen, find_unmeasured, wanted_rules
from garrison.plan.wanted import Wanted

UP, GOOD = Seen(health="up", error=""), Seen(health="ok", error="")


@pytest.fixture(scope="module")
def observed(root: Path) -> Catalog:
    return load_catalog([root / "services"]).select(["core", "observability"])


@pytest.fixture
def judge(wanted: Wanted, observed: Catalog) -> Callable[..., list[str]]:
    watched = replace(wanted, catalog=observed)
    targets = {service.name: UP for service in observed.scraped}
    loaded = dict.fromkeys(wanted_rules(observed), GOOD)

    def judge(
        error: str = "", rules: dict[str, Seen | None] | None = None, **changed: Seen | None
    ) -> list[str]:
        said = {**targets, **{name.replace("_", "-"): one for name, one in changed.items()}}
        found = Measured(
            error=error,
            targets={name: one for name, one in said.items() if one},
            rules={name: one for name, one in {**loaded, **(rules or {})}.items() if one},
        )
        problems = find_unmeasured(found, watched)
        assert all(one.remedy for one in problems)
        return [f"{one.where}: {one.what} [{one.id}]" for one in problems]

    return judge


def test_all_up_and_all_judged_is_well(judge: Callable[..., list[str]]) -> None:
    assert judge() == []


def test_a_target_that_is_down_is_found(judge: Callable[..., list[str]]) -> None:
    found = judge(aidb=Seen(health="down", error="connection refused"))
    assert found == ["aidb: it isn't scraped: connection refused. [metrics.down]"]


def test_a_target_that_was_not_scraped_since_is_found(judge: Callable[..., list[str]]) -> None:
    found = judge(llama_cpp=Seen(health="unknown", error=""))
    assert found == ["llama-cpp: it isn't scraped: it was not scraped in time. [metrics.down]"]


def test_a_service_that_prometheus_does_not_know_is_found(judge: Callable[..., list[str]]) -> None:
    assert judge(aidb=None) == ["aidb: it has metrics, and Prometheus doesn't know of it. [metrics.missing]"]


def test_a_target_that_nobody_declared_is_found(judge: Callable[..., list[str]]) -> None:
    found = judge(miner=UP)
    assert found == [
        "miner: Prometheus scrapes it, and no service of that name has metrics. [metrics.undeclared]"
    ]


def test_a_rule_that_fails_is_found(judge: Callable[..., list[str]]) -> None:
    found = judge(rules={"api/one/ApiSlow": Seen(health="err", error="many-to-many matching")})
    assert found == ["rule api/one/ApiSlow: it can't be judged: many-to-many matching. [metrics.rule]"]


@pytest.mark.parametrize(
    "name",
    [
        "prometheus/targets/TargetDown",
        "nginx/requests/route:door_errors:ratio1h",
        "objectives/job:objective:ratio",
    ],
)
def test_a_rule_that_prometheus_has_not_loaded_is_found(name: str, judge: Callable[..., list[str]]) -> None:
    assert judge(rules={name: None}) == [f"rule {name}: Prometheus hasn't loaded it. [metrics.no-rule]"]


def test_a_rule_that_was_not_judged_yet_is_found(judge: Callable[..., list[str]]) -> None:
    found = judge(rules={"api/one/ApiSlow": Seen(health="unknown", error="")})
    assert found == ["rule api/one/ApiSlow: it can't be judged: it was not judged in time. [metrics.rule]"]


def test_a_prometheus_that_says_nothing_is_the_one_finding(judge: Callable[..., list[str]]) -> None:
    assert judge(error="status 503", aidb=None) == [
        "prometheus: it doesn't say what it scrapes: status 503. [metrics.silent]"
    ]


def test_where_nothing_scrapes_nothing_is_missing(wanted: Wanted) -> None:
    assert find_unmeasured(Measured(error="away", targets={}, rules={}), wanted) == []
