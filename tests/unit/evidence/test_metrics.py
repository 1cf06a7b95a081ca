"""What is wrong with what Prometheus says of its targets and rules, each case once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.rules import normalise
from garrison.evidence.metrics import Judged, Measured, Seen, find_unmeasured, wanted_rules
from garrison.plan.wanted import Wanted

UP = Seen(health="up", error="")
BURNS = "prometheus/requests/job:http_errors:ratio5m"


@pytest.fixture(scope="module")
def observed(root: Path) -> Catalog:
    return load_catalog([root / "services"]).select(["core", "observability"])


@pytest.fixture
def judge(wanted: Wanted, observed: Catalog) -> Callable[..., list[str]]:
    watched = replace(wanted, catalog=observed)
    targets = {service.name: UP for service in observed.scraped}
    loaded = {
        name: Judged(health="ok", error="", queries=said) for name, said in wanted_rules(watched).items()
    }

    def judge(
        error: str = "", rules: dict[str, Judged | None] | None = None, **changed: Seen | None
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
    found = judge(rules={"api/one/ApiSlow": Judged(health="err", error="many-to-many matching", queries=())})
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
    found = judge(rules={"api/one/ApiSlow": Judged(health="unknown", error="", queries=())})
    assert found == ["rule api/one/ApiSlow: it can't be judged: it was not judged in time. [metrics.rule]"]


# What Prometheus 2.42 makes of an expression of ours: the rule as it lies in the repository, and as it tells it.
PRINTED = (
    'sum by (job) (rate(http_requests_total{status=~"5..",route!~"/health/.*|/metrics"}[5m]))'
    ' / sum by (job) (rate(http_requests_total{route!~"/health/.*|/metrics"}[5m]))',
    'sum by (job) (rate(http_requests_total{route!~"/health/.*|/metrics",status=~"5.."}[5m]))'
    ' / sum by (job) (rate(http_requests_total{route!~"/health/.*|/metrics"}[5m]))',
)


def test_a_rule_that_prometheus_writes_otherwise_is_the_same(
    judge: Callable[..., list[str]], wanted: Wanted, observed: Catalog
) -> None:
    said, printed = PRINTED
    assert wanted_rules(replace(wanted, catalog=observed))[BURNS] == (said,)
    assert judge(rules={BURNS: Judged(health="ok", error="", queries=(printed,))}) == []


@pytest.mark.parametrize(
    "other",
    [
        PRINTED[1].replace("5..", "9.."),
        PRINTED[1].replace("[5m]", "[50m]", 1),
        PRINTED[1].replace(" / ", " * "),
        PRINTED[1].split(" / ")[1],
        f"-{PRINTED[1]}",
        "this is { no PromQL",
    ],
)
def test_a_rule_of_that_name_that_asks_something_else_is_found(
    other: str, judge: Callable[..., list[str]]
) -> None:
    found = judge(rules={BURNS: Judged(health="ok", error="", queries=(other,))})
    assert found == [f"rule {BURNS}: Prometheus judges something else: {other}. [metrics.other-rule]"]


def test_of_rules_of_one_name_each_has_to_be_there(
    judge: Callable[..., list[str]], wanted: Wanted, observed: Catalog
) -> None:
    name = "objectives/route:objective:ratio"
    queries = wanted_rules(replace(wanted, catalog=observed))[name]
    assert len(queries) > 1
    told = [
        judge(rules={name: Judged(health="ok", error="", queries=seen)})
        for seen in (queries[::-1], queries[1:], ("vector(0.5)", *queries[1:]))
    ]
    assert [len(one) for one in told] == [0, 1, 1]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (r'a{b=~"\\d+"}', r'a{b=~"\\d+"}'),
        ("a{b='x\"y'}", r'a{b="x\"y"}'),
        ("a{b='x`y'}", 'a{b="x`y"}'),
        ("sum by(x)(a) > bool -1.50 # why\n or -a ^ 2", "sum by (x) (a) > bool -1.5 or -a ^ 2"),
        ("a @ 1609746000 offset -5m", "a @ 1609746000.000 offset -5m"),
        (
            "quantile_over_time(0.5, a[1d2h30m:90s] @ start())",
            "quantile_over_time(0.5, a[1d2h30m:1m30s] @ start())",
        ),
        ("a * on(x,y) group_left(z,) b", "a * on (x, y) group_left (z) b"),
        ("-1 + (2) * 1e-9 + .5 + 0x10 + Inf - NaN", "-1 + (2) * 1e-09 + 0.5 + 16 + +Inf - NaN"),
        ("topk(5, a) without (b)", "topk without (b) (5, a)"),
    ],
)
def test_what_prometheus_makes_of_an_expression_is_the_same_expression(written: str, printed: str) -> None:
    """As Prometheus 2.42 has printed them."""
    assert normalise(written) == normalise(printed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('up{a="1",b="2"}', 'up{a="2",b="1"}'),
        ("rate(x[5m])", "rate(x[5s])"),
        ("sum by (job) (x)", "sum by (le) (x)"),
        ("x > 1000", "x > 100"),
        ("a - (b - c)", "a - b - c"),
        ('x{a=~"b"}', 'x{a="b"}'),
        ("x offset 5m", "x"),
    ],
)
def test_expressions_that_ask_different_things_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_prometheus_that_says_nothing_is_the_one_finding(judge: Callable[..., list[str]]) -> None:
    assert judge(error="status 503", aidb=None) == [
        "prometheus: it doesn't say what it scrapes: status 503. [metrics.silent]"
    ]


def test_where_nothing_scrapes_nothing_is_missing(wanted: Wanted) -> None:
    assert find_unmeasured(Measured(error="away", targets={}, rules={}), wanted) == []
