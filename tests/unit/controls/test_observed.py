"""Controls of what watches the stack: what they find, and what they don't know."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.catalog.rules import Alert, load_rules
from garrison.controls.code import find_functions
from garrison.controls.conditions import Code
from garrison.controls.load import load_controls
from garrison.controls.result import State
from garrison.controls.seen import Seen
from garrison.controls.verdict import judge_control
from garrison.evidence.checks import Evidence
from tests.unit.controls.conftest import wanted_alerts
from tests.unit.controls.spoilt import drop_alert
from tests.unit.evidence.conftest import Host

OF = {
    "M01": "metrics-are-scraped",
    "M02": "rules-are-judged",
    "M03": "spans-arrive",
    "L08": "alerts-are-loaded",
    "L29": "logs-are-documents",
}


def found(host: Host, control: str) -> list[tuple[str, bool]]:
    seen = Seen(evidence=host.evidence, wanted=host.wanted)
    (condition,) = load_controls().by_id[control].holds
    assert isinstance(condition, Code)
    told = find_functions()[OF[control]](seen, **condition.arguments)
    return [(f"{one.where}: {one.what}", one.is_unseen) for one in told]


@pytest.mark.parametrize("control", OF)
def test_nothing_is_found_of_a_faultless_host(control: str, host: Host) -> None:
    assert found(host, control) == []


@pytest.mark.parametrize("control", OF)
def test_what_was_not_asked_is_not_known(control: str, host: Host) -> None:
    seen = Seen(evidence=Evidence(snapshot=host.evidence.snapshot), wanted=host.wanted)
    state, told, _ = judge_control(load_controls().by_id[control], seen)
    assert (state, [one.is_unseen for one in told]) == (State.FAILED, [True])


@pytest.mark.parametrize("control", OF)
def test_where_nobody_watches_it_does_not_apply(control: str, host: Host, catalog: Catalog) -> None:
    """The fixture catalog has nobody who collects, and its services without those on the kit write as they like."""
    kept = {name: one for name, one in catalog.services.items() if not one.verifies_keys or one.door}
    alone = replace(host.wanted, catalog=replace(catalog, services=kept))
    seen = Seen(evidence=host.evidence, wanted=alone)
    state, _, note = judge_control(load_controls().by_id[control], seen)
    assert state is State.NOT_APPLICABLE
    assert note.endswith(".")


@pytest.mark.parametrize(
    ("control", "said"),
    [
        ("M01", "watcher: it doesn't say what it scrapes and judges: status 503."),
        ("M02", "watcher: it doesn't say what it scrapes and judges: status 503."),
        ("L08", "watcher: it doesn't say what it scrapes and judges: status 503."),
    ],
)
def test_a_prometheus_that_says_nothing_is_not_known_to_be_well(control: str, said: str, host: Host) -> None:
    host.measured.update(error="status 503", targets={}, rules={})
    assert found(host, control) == [(said, True)]


@pytest.mark.parametrize(("silent", "name"), [("collector", "tracer"), ("prometheus", "watcher")])
def test_who_says_nothing_of_spans_is_not_known_to_take_them(silent: str, name: str, host: Host) -> None:
    host.spans.update(silent=silent, error="refused")
    assert found(host, "M03") == [(f"{name}: it doesn't say what becomes of spans: refused.", True)]


def test_a_target_is_no_matter_of_rules_and_a_rule_none_of_targets(host: Host) -> None:
    host.measured["targets"]["api"].update(health="down", error="refused")
    rule = next(iter(host.measured["rules"]))
    host.measured["rules"][rule].update(health="err", error="many-to-many matching")
    assert found(host, "M01") == [("api: it isn't scraped: refused.", False)]
    assert found(host, "M02") == [(f"rule {rule}: it can't be judged: many-to-many matching.", False)]


def test_a_rule_that_asks_something_else_is_found(host: Host) -> None:
    rule = next(iter(host.measured["rules"]))
    host.measured["rules"][rule]["queries"] = ["vector(0)"]
    assert found(host, "M02") == [(f"rule {rule}: Prometheus judges something else: vector(0).", False)]


@pytest.mark.parametrize(("seconds", "is_found"), [(-60, False), (300, True)])
def test_when_the_collector_began_is_what_its_container_says(
    seconds: float, is_found: bool, host: Host
) -> None:
    begun = datetime.fromisoformat("2026-11-25T15:52:01+00:00")
    host.container("tracer")["State"]["StartedAt"] = "2026-11-25T15:52:01.430687823Z"
    host.spans |= {"services": [], "kept": {"api": (begun + timedelta(seconds=seconds)).timestamp()}}
    said = "api: it keeps traces, and tracer has had no span of it since it began."
    assert found(host, "M03") == ([(said, False)] if is_found else [])


def test_whom_nobody_declared_is_found(host: Host) -> None:
    undeclared: dict[str, Any] = {"health": "up", "error": ""}
    host.measured["targets"]["miner"] = undeclared
    assert found(host, "M01") == [
        ("miner: Prometheus scrapes it, and no service of that name has metrics.", False)
    ]


def test_lines_that_are_no_documents_are_counted_and_not_shown(host: Host) -> None:
    host.logs["garrison-api"] = {"lines": 40, "other": 2}
    ((said, is_unseen),) = found(host, "L29")
    assert said.startswith(
        "container garrison-api: 2 of its last 40 lines are no documents in JSON with event,"
    )
    assert not is_unseen


def test_a_log_that_can_not_be_read_is_not_known_to_be_well(host: Host) -> None:
    host.logs["garrison-api"] = None
    assert found(host, "L29") == [("container garrison-api: its log couldn't be read.", True)]


@pytest.mark.parametrize("kind", wanted_alerts())
def test_an_alert_that_is_not_loaded_is_named_with_what_it_tells_of(kind: str, host: Host) -> None:
    name, *others = wanted_alerts()[kind]
    drop_alert(name)(host)
    assert found(host, "L08") == [(f"alerts for {kind}: Prometheus hasn't loaded {name}.", False)]
    for other in others:
        drop_alert(other)(host)
    said = ", ".join([name, *others])
    assert found(host, "L08") == [(f"alerts for {kind}: Prometheus hasn't loaded {said}.", False)]


@pytest.mark.parametrize("name", [name for names in wanted_alerts().values() for name in names])
def test_every_alert_that_is_asked_for_is_one_of_our_services(name: str, root: Path) -> None:
    """Under another name it would be missed on every host."""
    rules = load_rules(load_catalog([root / "services"]))
    known = [
        one.alert
        for each in rules
        for group in each.file.groups
        for one in group.rules
        if isinstance(one, Alert)
    ]
    assert known.count(name) == 1


def test_the_kinds_of_faults_are_the_four_that_stop_nothing_at_once() -> None:
    assert set(wanted_alerts()) == {"failed controls", "certificates", "restarts", "disks"}
