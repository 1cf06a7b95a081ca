"""The recorded scrape that alerts are checked against has what this service really shows."""

import re
from pathlib import Path

from embeddings.metrics import EngineMetrics
from prometheus_client import CollectorRegistry, generate_latest

RECORDED = Path(__file__).parents[3] / "tests/fixtures/scrapes/embeddings.prom"


def families(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))


def test_every_metric_that_was_recorded_is_still_shown() -> None:
    registry = CollectorRegistry()
    EngineMetrics(registry)
    assert families(RECORDED.read_text()) - families(generate_latest(registry).decode()) == set()
