"""Readiness: in parallel, each check in its own time, cached, honest."""

import asyncio
import threading
import time

import pytest
from garrison_kit import health
from garrison_kit.health import Check, NotReadyError, Readiness


def fine() -> None:
    """A dependency that answers."""


async def fine_async() -> None:
    """The same, for asyncio."""


def broken() -> None:
    raise RuntimeError("password=inside")


async def broken_async() -> None:
    raise NotReadyError("migrating")


async def hangs_async() -> None:
    await asyncio.sleep(30)


CHECKS = (
    Check(name="a", run=fine),
    Check(name="b", run=fine_async),
    Check(name="c", run=broken),
    Check(name="d", run=broken_async),
)
WANTED = {"a": "ok", "b": "ok", "c": "failed", "d": "migrating"}


def ask(readiness: Readiness, kind: str) -> health.Report:
    return readiness.ask() if kind == "threads" else asyncio.run(readiness.ask_async())


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_each_check_says_what_it_found_and_nothing_of_the_inside(kind: str) -> None:
    report = ask(Readiness(CHECKS), kind)
    assert report.checks == WANTED
    assert (report.status, report.document()["missing"]) == (503, ["c", "d"])


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_slow_checks_run_in_parallel_and_are_cut_at_their_own_timeout(kind: str) -> None:
    release = threading.Event()
    slow = tuple(Check(name=str(n), run=lambda: release.wait(5), timeout=0.2) for n in range(4))
    started = time.monotonic()
    report = ask(Readiness((*slow, Check(name="ok", run=fine))), kind) if kind == "threads" else None
    if report is None:
        hanging = tuple(Check(name=str(n), run=hangs_async, timeout=0.2) for n in range(4))
        report = ask(Readiness((*hanging, Check(name="ok", run=fine))), kind)
    took = time.monotonic() - started
    release.set()
    assert report.checks == {**{str(n): "no answer within 0.2 s" for n in range(4)}, "ok": "ok"}
    assert took < 0.7


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_an_answer_is_kept_for_a_while_and_not_longer(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    readiness = Readiness((Check(name="a", run=lambda: asked.append(1)),))
    for _ in range(3):
        ask(readiness, kind)
    assert len(asked) == 1
    monkeypatch.setattr(health, "CACHE_SECONDS", 0.0)
    ask(readiness, kind)
    assert len(asked) == 2


def test_a_hung_check_is_not_started_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CACHE_SECONDS", 0.0)
    release, started = threading.Event(), []

    def hang() -> None:
        started.append(1)
        release.wait(5)

    readiness = Readiness((Check(name="a", run=hang, timeout=0.05),))
    for _ in range(5):
        assert not readiness.ask().is_ready
    release.set()
    assert len(started) == 1


def test_a_stopping_service_is_not_ready() -> None:
    readiness = Readiness((Check(name="a", run=fine),))
    assert readiness.ask().is_ready
    readiness.stop()
    assert not readiness.ask().is_ready
