"""Phase 3.3 has a gate where somebody takes spans, and what it finds takes the release back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.plan.step import Command, Exchange
from garrison.plan.tracing import judge_traced, plan_tracing, spans_question, traces_question
from garrison.plan.wanted import Wanted

TRACED = ("aidb", "embeddings", "hybrid-coordinator", "nixos-docs")


@pytest.fixture(scope="module")
def observed(wanted: Wanted, root: Path) -> Wanted:
    catalog = load_catalog([root / "services"]).select(["core", "observability"])
    return replace(wanted, catalog=catalog)


def answer(*services: str) -> str:
    spans = [{"service": name, "name": "GET"} for name in services]
    return json.dumps(
        {"error": "", "trace": "ab" * 16, "answers": dict.fromkeys(TRACED, 404), "spans": spans}
    )


def test_the_core_alone_has_nothing_to_prove(wanted: Wanted) -> None:
    assert plan_tracing(wanted).gate is None


def test_the_gate_asks_for_every_service_on_the_kit_through_the_door(observed: Wanted) -> None:
    gate = plan_tracing(observed).gate
    assert gate is not None
    (exchange,) = gate.commands
    assert isinstance(exchange, Exchange)
    assert isinstance(exchange.ask, Command)
    assert "/usr/local/lib/garrison/look-traces" in exchange.ask.line
    question = json.loads(traces_question(observed) or "")
    assert (question["query"], question["https"]) == (16686, 8443)
    assert [one["service"] for one in question["routes"]] == list(TRACED)
    assert question["routes"][0] == {"service": "aidb", "path": "/aidb/", "auth": "key"}


def test_there_is_time_for_more_than_one_batch_and_the_command_outlives_it(observed: Wanted) -> None:
    question = json.loads(traces_question(observed) or "")
    gate = plan_tracing(observed).gate
    assert gate is not None
    (exchange,) = gate.commands
    assert isinstance(exchange, Exchange)
    assert 10 < question["deadline"] < exchange.ask.timeout


def test_a_collector_that_nobody_can_ask_on_the_host_has_no_gate(observed: Wanted) -> None:
    hidden = observed.catalog.services["jaeger"].model_copy(update={"publish": {}})
    services = {**observed.catalog.services, "jaeger": hidden}
    catalog = Catalog(services=services, sources=observed.catalog.sources)
    assert plan_tracing(replace(observed, catalog=catalog)).gate is None


def test_a_span_of_each_lets_the_deploy_go_on(observed: Wanted) -> None:
    assert [one.line for one in judge_traced(answer(*TRACED), observed)] == ["true"]


def test_a_span_that_is_missing_takes_the_release_back(observed: Wanted) -> None:
    (command,) = judge_traced(answer("aidb"), observed)
    assert "embeddings: it answered 404" in command.line
    assert "return-release" in command.line


def test_a_check_asks_the_collector_and_prometheus_where_they_are(observed: Wanted, wanted: Wanted) -> None:
    question = json.loads(spans_question(observed) or "")
    assert (question["collector"], question["prometheus"]) == (16686, 9090)
    assert set(question["questions"]) == {"counted", "losing"}
    assert question["examples"]["of"] == "http_request_duration_seconds_bucket"
    assert spans_question(wanted) is None
