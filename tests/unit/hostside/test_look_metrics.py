"""look-metrics against a server that gives Prometheus' own recorded answers: it waits, and tells what it saw."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from garrison.evidence.metrics import Measured
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import serving

Answers = dict[str, Any]
NEVER = "0001-01-01T00:00:00Z"


class Recorded:
    """What is answered to each path; ``later`` is answered from the third question on."""

    def __init__(self, fixtures: Path) -> None:
        folder = fixtures / "prometheus"
        self.now: Answers = {
            f"/api/v1/{name}": json.loads((folder / f"{name}.json").read_text())
            for name in ("targets", "rules")
        }
        self.later: Answers = {}
        self.status = 200
        self.asked = 0
        for one in self.targets:
            one["lastScrape"] = self.moment(60)
        self.target("aidb")["health"], self.target("aidb")["lastError"] = "up", ""

    @staticmethod
    def moment(seconds: float) -> str:
        """As Go writes it, with nanoseconds."""
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        return f"{at:%Y-%m-%dT%H:%M:%S.%f}513Z"

    @property
    def targets(self) -> list[Answers]:
        found: list[Answers] = self.now["/api/v1/targets"]["data"]["activeTargets"]
        return found

    def target(self, job: str) -> Answers:
        (one,) = [each for each in self.targets if each["labels"]["job"] == job]
        return one

    @property
    def rule(self) -> Answers:
        one: Answers = self.now["/api/v1/rules"]["data"]["groups"][0]["rules"][0]
        return one

    def answer(self, target: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
        self.asked += 1
        chosen = {**self.now, **(self.later if self.asked > 2 else {})}
        return self.status, {}, json.dumps(chosen[target.partition("?")[0]]).encode()


@pytest.fixture
def recorded(fixtures: Path) -> Recorded:
    return Recorded(fixtures)


@pytest.fixture
def port(recorded: Recorded) -> Iterator[int]:
    with serving(recorded.answer) as port:
        yield port


@pytest.fixture
def look(host: Host, port: int) -> Callable[..., Measured]:
    def look(
        deadline: float = 0,
        at: int = port,
        jobs: tuple[str, ...] = ("aidb", "prometheus"),
        age: float = 0,
    ) -> Measured:
        given = json.dumps({"port": at, "jobs": jobs, "deadline": deadline, "age": age})
        done = host.run("look-metrics", given)
        assert done.returncode == 0, done.stderr
        return Measured.model_validate_json(done.stdout)

    return look


def test_targets_and_rules_are_told(look: Callable[..., Measured]) -> None:
    found = look(deadline=30)
    assert {name: one.health for name, one in found.targets.items()} == {
        "aidb": "up",
        "node-exporter": "up",
        "prometheus": "up",
    }
    assert found.rules["embeddings/queue/EmbeddingsQueueFull"].model_dump() == {
        "health": "ok",
        "error": "",
        "queries": ("increase(embeddings_refused_total[5m]) > 0",),
    }
    assert found.error == ""


def test_a_target_that_is_down_is_told_with_its_error(
    recorded: Recorded, look: Callable[..., Measured]
) -> None:
    recorded.target("aidb").update(health="down", lastError="no such host")
    assert look().targets["aidb"].model_dump() == {"health": "down", "error": "no such host"}


@pytest.mark.parametrize("scraped", [NEVER, "2026-11-26T06:50:04.937359513Z"])
def test_a_scrape_before_the_question_says_nothing(
    scraped: str, recorded: Recorded, look: Callable[..., Measured]
) -> None:
    recorded.target("aidb")["lastScrape"] = scraped
    recorded.target("prometheus")["lastScrape"] = recorded.moment(60)
    found = look()
    assert (found.targets["aidb"].health, found.targets["prometheus"].health) == ("unknown", "up")


def test_a_scrape_that_is_not_older_than_it_may_be_says_how_it_is(
    recorded: Recorded, look: Callable[..., Measured]
) -> None:
    recorded.target("aidb")["lastScrape"] = recorded.moment(-20)
    assert [look(age=age).targets["aidb"].health for age in (0, 60)] == ["unknown", "up"]


def test_a_rule_that_fails_is_told_with_its_error(recorded: Recorded, look: Callable[..., Measured]) -> None:
    recorded.rule.update(health="err", lastError="many-to-many matching")
    assert look().rules["embeddings/queue/EmbeddingsQueueFull"].error == "many-to-many matching"


def test_it_waits_until_all_is_well(recorded: Recorded, look: Callable[..., Measured]) -> None:
    recorded.later = json.loads(json.dumps(recorded.now))
    recorded.target("aidb").update(health="down", lastError="no such host")
    assert look(deadline=30).targets["aidb"].health == "up"


def test_it_does_not_wait_for_a_target_that_nobody_asked_about(
    recorded: Recorded, look: Callable[..., Measured]
) -> None:
    recorded.target("node-exporter").update(health="down", lastError="no such host")
    look(deadline=300)
    assert recorded.asked == 2


def test_a_prometheus_that_is_away_is_told(look: Callable[..., Measured]) -> None:
    assert "refused" in look(at=1).error


def test_a_prometheus_that_answers_with_an_error_is_told(
    recorded: Recorded, look: Callable[..., Measured]
) -> None:
    recorded.status = 503
    assert look().error == "status 503"


def test_what_is_no_answer_of_prometheus_is_told(recorded: Recorded, look: Callable[..., Measured]) -> None:
    recorded.now["/api/v1/targets"] = []
    assert look().error


def test_without_its_argument_it_says_what_it_wants(host: Host) -> None:
    done = host.run("look-metrics")
    assert done.returncode == 1
    assert (
        done.stderr
        == 'look-metrics: say {"port": PORT, "jobs": [NAME, …], "deadline": SECONDS, "age": SECONDS}.\n'
    )


@pytest.mark.parametrize("bad", [0, 1])
def test_of_rules_of_one_name_the_one_that_fails_is_told(
    bad: int, recorded: Recorded, look: Callable[..., Measured]
) -> None:
    """A series may be recorded by several rules, with labels that differ."""
    group = recorded.now["/api/v1/rules"]["data"]["groups"][0]
    group["rules"] = [{**recorded.rule, "health": "ok", "query": f"vector({one})"} for one in range(2)]
    group["rules"][bad] |= {"health": "err", "lastError": "many-to-many matching"}
    found = look().rules[f"{group['name']}/{group['rules'][0]['name']}"]
    assert found.model_dump() == {
        "health": "err",
        "error": "many-to-many matching",
        "queries": ("vector(0)", "vector(1)"),
    }
