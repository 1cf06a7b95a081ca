"""look-spans against servers that answer as Prometheus and Jaeger do: it tells what both say, or who says nothing."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from garrison.evidence.spans import COUNTED, EXAMPLES, LOSING, QUESTIONS, Collected
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import serving


class Both:
    """Prometheus and the collector at one port; ``series`` are the jobs that answer a question."""

    def __init__(self) -> None:
        self.series: dict[str, list[str]] = {
            QUESTIONS[COUNTED]: ["embeddings", "aidb"],
            QUESTIONS[LOSING]: [],
        }
        self.services: Any = ["aidb"]
        self.examples: list[tuple[str, float]] = []  # each series of a job with one
        self.asked: dict[str, list[str]] = {}
        self.status = 200

    def answer(self, target: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
        return self.status, {}, json.dumps(self.document(target)).encode()

    def document(self, target: str) -> Any:
        parts = urlsplit(target)
        if parts.path == "/api/services":
            return {"data": self.services, "total": 1, "limit": 0, "offset": 0, "errors": None}
        if parts.path == "/api/v1/query_exemplars":
            self.asked = parse_qs(parts.query)
            return {"status": "success", "data": [_series(job, at) for job, at in self.examples]}
        (question,) = parse_qs(parts.query)["query"]
        found = [{"metric": {"job": job}, "value": [1, "0"]} for job in self.series[question]]
        return {"status": "success", "data": {"resultType": "vector", "result": found}}


def _series(job: str, at: float) -> Any:
    """As Prometheus 2.53 tells it."""
    labels = {
        "__name__": EXAMPLES["of"],
        "job": job,
        "le": "0.1",
        "route": "/",
        "method": "GET",
        "status": "200",
    }
    example = {"labels": {"trace_id": "ab" * 16}, "value": "0.07", "timestamp": at}
    return {"seriesLabels": labels, "exemplars": [{**example, "timestamp": at - 60}, example]}


@pytest.fixture
def both() -> Both:
    return Both()


@pytest.fixture
def port(both: Both) -> Iterator[int]:
    with serving(both.answer) as port:
        yield port


@pytest.fixture
def look(host: Host, port: int) -> Callable[..., Collected]:
    def look(**changed: int) -> Collected:
        given = {
            "collector": port,
            "prometheus": port,
            "questions": dict(QUESTIONS),
            "examples": dict(EXAMPLES),
        }
        given |= changed
        done = host.run("look-spans", json.dumps(given))
        assert done.returncode == 0, done.stderr
        return Collected.model_validate_json(done.stdout)

    return look


def test_what_both_say_is_told(both: Both, look: Callable[..., Collected]) -> None:
    both.series[QUESTIONS[LOSING]] = ["aidb"]
    found = look()
    assert (found.silent, found.error, found.services) == ("", "", ("aidb",))
    assert found.jobs == {COUNTED: ("aidb", "embeddings"), LOSING: ("aidb",)}


def test_when_each_job_last_named_a_trace_is_told(both: Both, look: Callable[..., Collected]) -> None:
    both.examples = [("aidb", 1_800_000_100.5), ("aidb", 1_800_000_300.25), ("embeddings", 1_800_000_200)]
    kept = look().kept
    assert {job: one.timestamp() for job, one in kept.items()} == {
        "aidb": 1_800_000_300.25,
        "embeddings": 1_800_000_200,
    }


def test_only_traces_of_the_last_minutes_whose_spans_are_on_their_way_no_more_are_asked_for(
    both: Both, look: Callable[..., Collected]
) -> None:
    look()
    (of,), (since,), (until,) = (both.asked[name] for name in ("query", "start", "end"))
    assert of == EXAMPLES["of"]
    assert float(until) - float(since) == pytest.approx(585)
    assert time.time() - float(until) == pytest.approx(15, abs=10)


@pytest.mark.parametrize("services", [None, []])
def test_a_collector_without_a_span_yet_answers_all_the_same(
    services: Any, both: Both, look: Callable[..., Collected]
) -> None:
    both.services = services
    assert (look().silent, look().services) == ("", ())


@pytest.mark.parametrize("who", ["collector", "prometheus"])
def test_who_is_away_is_told(who: str, look: Callable[..., Collected]) -> None:
    found = look(**{who: 1})
    assert (found.silent, "refused" in found.error) == (who, True)


def test_who_answers_with_an_error_is_told(both: Both, look: Callable[..., Collected]) -> None:
    both.status = 503
    assert (look().silent, look().error) == ("collector", "status 503")


@pytest.mark.parametrize("services", [7, "aidb"])
def test_what_is_no_list_of_services_is_no_answer(
    services: Any, both: Both, look: Callable[..., Collected]
) -> None:
    both.services = services
    assert look().silent == "collector"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("{}",),
        ("[]",),
        ('{"collector": 1, "prometheus": 1, "questions": []}',),
        ('{"collector": 1, "prometheus": 1, "questions": {}, "examples": {"of": "a"}}',),
    ],
)
def test_without_its_argument_it_says_what_it_wants(words: tuple[str, ...], host: Host) -> None:
    done = host.run("look-spans", *words)
    assert done.returncode == 1
    assert done.stderr.startswith('look-spans: say {"collector": PORT,')
