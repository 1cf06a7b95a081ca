"""Trace ids in one process, with nothing exported."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from garrison_kit import tracing
from garrison_kit.finished import Finished
from hypothesis import given
from hypothesis import strategies as st

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"


def trace_in(headers: dict[str, str]) -> str | None:
    with tracing.server_span("GET", headers):
        return tracing.current_trace_id()


def test_outside_of_a_request_there_is_no_trace() -> None:
    assert tracing.current_trace_id() is None
    assert tracing.outbound_headers() == {}


def test_a_request_without_a_trace_begins_one() -> None:
    first, second = trace_in({}), trace_in({})
    assert first is not None
    assert len(first) == 32
    assert first != second


def test_a_request_is_part_of_its_callers_trace() -> None:
    with tracing.server_span("GET", {"traceparent": GOOD, "tracestate": "a=1"}.get):
        sent = tracing.outbound_headers()
    version, trace_id, span_id, flags = sent["traceparent"].split("-")
    assert (version, trace_id, flags, sent["tracestate"]) == ("00", TRACE, "01", "a=1")
    assert span_id != SPAN


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"{GOOD}\r\nX-Evil: 1",
        GOOD + "-" + "x" * 1000,
    ],
)
def test_an_invalid_parent_is_ignored(header: str) -> None:
    found = trace_in({"traceparent": header})
    assert found is not None
    assert found != TRACE


@given(st.text(), st.text())
def test_whatever_the_headers_say_a_request_has_a_trace(parent: str, state: str) -> None:
    found = trace_in({"traceparent": parent, "tracestate": state})
    assert found is not None
    assert len(found) == 32


def test_spans_within_share_the_trace_and_leave_it_as_it_was() -> None:
    with tracing.server_span("GET", {}):
        outer = tracing.current_trace_id()
        with tracing.span("inner", size=1) as inner, tracing.client_span("store", "GET store"):
            inner.set("more", True)
            assert tracing.current_trace_id() == outer
        assert tracing.current_trace_id() == outer
    assert tracing.current_trace_id() is None


def test_a_span_outside_of_a_request_begins_a_trace_of_its_own() -> None:
    with tracing.span("job"):
        assert "traceparent" in tracing.outbound_headers()
    assert tracing.current_trace_id() is None


def test_an_error_passes_through_and_ends_the_trace() -> None:
    with pytest.raises(KeyError), tracing.server_span("GET", {}), tracing.span("inner"):
        raise KeyError
    assert tracing.current_trace_id() is None


def test_tasks_and_threads_are_part_of_the_trace_they_were_started_in() -> None:
    async def ask() -> tuple[str | None, ...]:
        with tracing.server_span("GET", {}):
            task = asyncio.create_task(asyncio.to_thread(tracing.current_trace_id))
            return tracing.current_trace_id(), await task

    here, there = asyncio.run(ask())
    assert here == there


class Kept:
    """Takes spans, and samples no trace."""

    lost = 0

    def __init__(self) -> None:
        self.spans: list[Finished] = []

    def add(self, span: Finished) -> None:
        self.spans.append(span)

    def is_sampled(self, trace_id: int) -> bool:
        return trace_id < 0

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    found = Kept()
    monkeypatch.setattr(tracing, "_export", found)
    return found


def test_a_job_that_fails_is_kept_and_one_that_does_not_is_not(kept: Kept) -> None:
    with tracing.span("quiet"), tracing.span("inside"):
        pass
    with pytest.raises(KeyError), tracing.span("loud"), tracing.span("within"):
        raise KeyError
    assert kept.names == ["within", "loud"]


@pytest.mark.parametrize("jump", [-86_400, 86_400], ids=["back", "ahead"])
def test_a_span_lasts_as_long_as_it_did_when_the_clock_jumps_meanwhile(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    right = time.time_ns
    with tracing.span("loud") as active:
        active.fail("KeyError")
        monkeypatch.setattr(time, "time_ns", lambda: right() + jump * 1_000_000_000)
    (span,) = kept.spans
    assert 0 < span.ended - span.started < 1_000_000_000


def test_a_call_that_fails_keeps_a_request_that_made_do_without(kept: Kept) -> None:
    with tracing.server_span("GET", {}) as server:
        with tracing.span("rank"):
            pass
        with pytest.raises(ConnectionError), tracing.client_span("redis", "redis"):
            raise ConnectionError
    server.export("/ask", 200, {})
    assert kept.names == ["rank", "redis", "GET /ask"]
    assert server.is_exported


def test_what_a_request_refuses_by_an_exception_of_its_own_keeps_nothing(kept: Kept) -> None:
    with tracing.server_span("GET", {}) as server, pytest.raises(LookupError), tracing.span("find"):
        raise LookupError
    server.export("/ask", 404, {})
    assert kept.names == []
    assert not server.is_exported


def test_what_ends_after_a_request_that_failed_follows_it(kept: Kept) -> None:
    with tracing.server_span("GET", {}) as server:
        late = tracing.span("late")
        late.__enter__()
    server.export("/ask", 500, {})
    late.__exit__(None, None, None)
    assert kept.names == ["GET /ask", "late"]


def test_probes_are_never_kept_whatever_they_find(kept: Kept) -> None:
    with (
        tracing.server_span("GET", {}, is_probe=True) as server,
        tracing.client_span("redis", "redis") as call,
    ):
        call.fail("OSError")
    server.export("/health/ready", 503, {})
    assert kept.names == []


def test_of_a_request_without_an_end_so_many_spans_are_held_and_no_more(kept: Kept) -> None:
    with tracing.server_span("GET", {}) as server:
        for _ in range(5000):
            with tracing.span("step"):
                pass
    server.export("/ask", 500, {})
    assert len(kept.spans) == 101
    assert kept.names[-1] == "GET /ask"


@pytest.mark.usefixtures("kept")
def test_the_next_service_is_told_that_the_trace_is_not_kept() -> None:
    with tracing.server_span("GET", {}), tracing.client_span("next", "GET next"):
        assert tracing.outbound_headers()["traceparent"].endswith("-00")


def test_without_a_collector_nothing_of_the_sdk_is_loaded() -> None:
    program = (
        "import sys; from garrison_kit import tracing; tracing.configure('a', '1');"
        "print(sum(name.startswith(('opentelemetry.sdk', 'requests', 'google.protobuf')) for name in sys.modules))"
    )
    source = str(Path(tracing.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, check=True
    )
    assert ran.stdout == b"0\n"
