"""A clock that jumps while a service runs: what lasts is measured by another one, and nobody is refused."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from garrison_kit.options import Options
from kit_demo import SLOW_SECONDS
from kit_servers import ServedProcess, serving

DAY = 86_400
AS_READER = {"X-API-Key": "gk_reader"}
# Python imports this before anything else, and finds the hour in a file beside it each time somebody asks.
ANOTHER_CLOCK = """
import pathlib, time
later, real, real_ns = pathlib.Path(__file__).with_name("later"), time.time, time.time_ns
time.time = lambda: real() + int(later.read_text())
time.time_ns = lambda: real_ns() + int(later.read_text()) * 1_000_000_000
"""
Jump = Callable[[int], None]


@pytest.fixture
def jump(tmp_path: Path) -> Jump:
    """Sets the clock of ``served`` so many seconds off."""

    def jump(seconds: int) -> None:
        # At once: whoever asks meanwhile finds the one or the other.
        (tmp_path / "new").write_text(str(seconds))
        (tmp_path / "new").rename(tmp_path / "later")

    (tmp_path / "sitecustomize.py").write_text(ANOTHER_CLOCK)
    return jump


@pytest.fixture
def served(adapter: str, options: Options, tmp_path: Path, jump: Jump) -> Iterator[ServedProcess]:
    jump(0)
    with serving(adapter, replace(options, rate=1000, burst=1000), tmp_path) as started:
        yield started


def ask(served: ServedProcess, path: str) -> httpx.Response:
    url = f"http://127.0.0.1:{served.port}{path}"
    return httpx.get(url, headers=AS_READER, trust_env=False, timeout=20)


def busy_seconds(served: ServedProcess) -> float:
    """How long all requests took together, as Prometheus is told."""
    text = served.client.get("/metrics").text
    return sum(map(float, re.findall(r"^http_request_duration_seconds_sum\S* (\S+)", text, re.M)))


@pytest.mark.parametrize("seconds", [-DAY, DAY], ids=["back", "ahead"])
def test_a_request_lasts_as_long_as_it_did_when_the_clock_jumps_meanwhile(
    served: ServedProcess, jump: Jump, seconds: int
) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, served, "/slow")
        while "garrison_requests_in_flight 1.0" not in served.client.get("/metrics").text:
            assert not answer.done(), "it had ended before the clock jumped"
        jump(seconds)
        assert answer.result().status_code == 200
    (line,) = served.lines("request", path="/slow")
    assert SLOW_SECONDS * 900 < line["duration_ms"] < 20_000
    assert SLOW_SECONDS * 0.9 < busy_seconds(served) < 40


@pytest.mark.parametrize("seconds", [-DAY, DAY], ids=["back", "ahead"])
def test_requests_go_on_when_the_clock_has_jumped_and_when_it_is_right_again(
    served: ServedProcess, jump: Jump, seconds: int
) -> None:
    for later in (0, seconds, 0):
        jump(later)
        assert {ask(served, "/notes").status_code for _ in range(20)} == {200}
        assert served.client.get("/health/live").status_code == 200
    lines = served.lines("request", count=60, path="/notes")
    told = sorted(datetime.fromisoformat(line["timestamp"]) for line in lines)
    assert len(told) == 60
    assert told[-1] - told[0] > timedelta(seconds=DAY / 2), "the clock of the service never jumped"
