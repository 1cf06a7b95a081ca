"""Nothing blocks the event loop: asyncio itself watches, and a control shows that it sees what does."""

import asyncio
import json
import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hybrid_stack import Hybrid, Launch
from hybrid_testbed import ADMIN

SLOW = re.compile(r"Executing .* took (\d+\.\d+) seconds")
# The machine that runs the tests may be busy; whoever waits for a dependency waits longer than this.
LIMIT = 0.5


def slowest(lines: list[str]) -> float:
    return max((float(found[1]) for line in lines if (found := SLOW.search(line))), default=0.0)


def test_under_load_no_callback_is_slow(launch: Launch) -> None:
    watched = launch({"PYTHONASYNCIODEBUG": "1"}, embeddings_timeout=120)
    watched.wait_until_ready()
    text = "words of all kinds, 0123456789 and code() " * 700

    def use(number: int) -> None:
        knowledge = {"collection": "codebase-context", "title": f"file {number}", "content": text[:4000]}
        watched.ok("/context", knowledge)
        watched.ok("/search", {"query": f"file {number}", "limit": 100})
        watched.ok("/augment_query", {"query": f"file {number}", "max_tokens": 20_000})
        watched.ok("/interactions", {"query": text[:8000], "response": f"{number} {text}"[:30_000]})
        watched.ok("/route", {"prompt": text})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(8)))
    watched.ok("/patterns/extract", None, ADMIN)
    watched.process.stop()
    lines = watched.process.log.read_text().splitlines()
    assert json.loads(lines[-1])["service"] == "hybrid-coordinator"
    assert slowest(lines) < LIMIT


def test_a_callback_that_blocks_is_seen(caplog: pytest.LogCaptureFixture) -> None:
    async def block() -> None:
        time.sleep(LIMIT + 0.1)

    with caplog.at_level(logging.WARNING, logger="asyncio"):
        asyncio.run(block(), debug=True)
    assert slowest([record.getMessage() for record in caplog.records]) > LIMIT


def test_while_many_requests_wait_others_are_answered(hybrid: Hybrid) -> None:
    with ThreadPoolExecutor(16) as pool:
        started = [
            pool.submit(hybrid.post, "/interactions", {"query": f"one of many {number}", "response": "yes"})
            for number in range(32)
        ]
        assert hybrid.http.get("/health/live").status_code == 200
        assert {one.result().status_code for one in started} == {200}
