"""The recorded scrape that dashboards are checked against has what this service really shows."""

import re
from pathlib import Path

from aidb.cache import QueryCache
from aidb.telemetry.recorder import Recorder, Retention
from garrison_kit.embedding import Expected
from prometheus_client import CollectorRegistry, generate_latest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine

RECORDED = Path(__file__).parents[3] / "tests/fixtures/scrapes/aidb.prom"


def samples(text: str) -> set[str]:
    return set(re.findall(r"^[a-z]\w*(?:\{[^}]*\})?", text, re.MULTILINE))


def test_every_metric_that_was_recorded_is_still_shown() -> None:
    """Neither client connects before somebody wants something of it."""
    registry = CollectorRegistry()
    engine = create_async_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    Recorder(engine, Retention(days=1, rows=1), registry)
    cache = QueryCache(Redis(port=1), Expected(model="m", dimension=3), 60, registry)
    cache._lookups.labels("miss").inc()
    assert samples(RECORDED.read_text()) - samples(generate_latest(registry).decode()) == set()
