"""What is left for later is dealt with soon, in order, once, and before the process ends."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import structlog
from garrison_kit import later as module
from garrison_kit.core import Core
from garrison_kit.later import MOST, Later
from garrison_kit.options import Options

WAIT = 20.0


class Kept:
    """Takes what it gets."""

    def __init__(self) -> None:
        self.things: list[int] = []
        self.threads: set[str] = set()
        self._came = threading.Condition()

    def __call__(self, things: Iterable[int]) -> None:
        with self._came:
            self.things.extend(things)
            self.threads.add(threading.current_thread().name)
            self._came.notify_all()

    def wait_for(self, is_enough: Callable[[list[int]], bool]) -> None:
        with self._came:
            assert self._came.wait_for(lambda: is_enough(self.things), WAIT), self.things


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_is_left_is_dealt_with_by_another_thread_in_the_order_in_which_it_came(kept: Kept) -> None:
    later = Later(kept)
    for number in range(1000):
        later.add(number)
    kept.wait_for(lambda things: len(things) == 1000)
    assert kept.things == list(range(1000))
    assert kept.threads == {"later"}


def test_after_a_silence_the_next_one_is_dealt_with_too(kept: Kept) -> None:
    later = Later(kept)
    for number in range(3):
        later.add(number)
        kept.wait_for(lambda things, count=number + 1: len(things) == count)


def test_whoever_cannot_wait_gets_all_of_it_now_and_none_of_it_twice(kept: Kept) -> None:
    later = Later(kept)
    later.add(1)
    later.flush()
    assert kept.things == [1]
    later.add(2)
    kept.wait_for(lambda things: 2 in things)
    assert kept.things == [1, 2]


def test_many_threads_lose_nothing(kept: Kept) -> None:
    later = Later(kept)

    def add(first: int) -> None:
        for number in range(first, first + 500):
            later.add(number)

    threads = [threading.Thread(target=add, args=(first,)) for first in range(0, 4000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.wait_for(lambda things: len(things) == 4000)
    assert sorted(kept.things) == list(range(4000))


def test_whoever_comes_while_too_much_waits_waits_too(kept: Kept) -> None:
    """A log that nobody reads holds the service up, and doesn't eat its memory."""
    go = threading.Event()

    def deal_with(things: Iterable[int]) -> None:
        go.wait(WAIT)
        kept(things)

    later = Later(deal_with)

    def come() -> None:
        for number in range(3 * MOST):
            later.add(number)

    coming = threading.Thread(target=come)
    coming.start()
    coming.join(0.5)
    assert coming.is_alive()
    assert len(later._waiting) <= MOST + 1
    go.set()
    kept.wait_for(lambda things: len(things) == 3 * MOST)
    coming.join()
    assert kept.things == list(range(3 * MOST))


def test_a_failure_is_said_and_ends_nothing(kept: Kept) -> None:
    def deal_with(things: Iterable[int]) -> None:
        found = list(things)
        if 0 in found:
            raise RuntimeError("zero")
        kept(found)

    later = Later(deal_with)
    with structlog.testing.capture_logs() as said:
        later.add(0)
        later.flush()
    later.add(1)
    kept.wait_for(lambda things: things == [1])
    assert [line["event"] for line in said] == ["left_undone"]


def run(program: str) -> str:
    path = {"PYTHONPATH": str(Path(module.__file__).parents[1])}
    words = [sys.executable, "-c", f"from garrison_kit.later import Later\n{program}"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, env=path)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_the_process_ends_with_nothing_left() -> None:
    assert run("later = Later(print); later.add(1); later.add(2)") == "[1, 2]\n"


def test_a_forked_process_has_its_own_thread_and_nothing_of_its_parents() -> None:
    said = run(
        "import os, time\n"
        "later = Later(lambda things: os.write(1, repr(things).encode()))\n"
        "later.add(1); later.flush(); later.add(2)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    later.add(3); time.sleep(1); os._exit(0)\n"
        "os.waitpid(child, 0)"
    )
    assert sorted(said.replace("][", "] [").split()) == ["[1]", "[2]", "[3]"]


def test_a_scrape_has_counted_every_request_that_has_ended(options: Options) -> None:
    core = Core(options)
    for count in range(1, 4):
        with core.visit("GET", "/a", {}.get, None) as visit:
            visit.route, visit.status = "/a", 200
        said = f'http_requests_total{{method="GET",route="/a",status="200"}} {count}.0'
        assert said in core.scrape(None)[0].decode()
