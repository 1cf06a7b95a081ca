"""The line of a request has what every other line has, and goes where they go."""

import io
import json
import logging as stdlib
from collections.abc import Iterator

import pytest
import structlog
from garrison_kit import access, clients, logging, request_id, tracing
from garrison_kit.access import Line

LINE = Line(
    level=stdlib.INFO,
    at=1_782_000_000_123_456_789,
    request_id="request-1",
    trace_id="0" * 31 + "1",
    client="anna",
    method="GET",
    path="/a",
    route=None,
    status=200,
    duration_ms=1.25,
    peer="10.0.0.1",
)
FIELDS = {name: getattr(LINE, name) for name in ("method", "path", "route", "status", "duration_ms", "peer")}


def configure() -> io.StringIO:
    """Within the test itself: pytest listens too from when a test begins, and is sent away by this."""
    found = io.StringIO()
    logging.configure("demo", "9.9", stream=found)
    return found


@pytest.fixture
def within_the_request() -> Iterator[None]:
    """What a line of structlog has from its context, the line of a request brings along."""
    first = request_id.enter(LINE.request_id)
    second = clients.enter(clients.Client(name="anna", scopes=frozenset()))
    with tracing.server_span("GET", {"traceparent": f"00-{LINE.trace_id}-{'1' * 16}-01"}):
        yield
    clients.leave(second)
    request_id.leave(first)


def parsed(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.usefixtures("within_the_request")
def test_it_has_the_fields_of_a_line_by_structlog() -> None:
    stream = configure()
    structlog.get_logger("garrison_kit.access").info("request", **FIELDS)
    access.write([LINE])
    slow, quick = parsed(stream)
    assert slow | {"timestamp": None} == quick | {"timestamp": None}
    assert quick["client"] == "anna"


def test_it_names_the_request_and_the_client_wherever_it_is_written() -> None:
    stream = configure()
    access.write([LINE, LINE._replace(request_id="request-2", client=None)])
    assert [(line["request_id"], line["client"]) for line in parsed(stream)] == [
        ("request-1", "anna"),
        ("request-2", None),
    ]


def test_its_time_is_that_of_the_request_and_written_as_on_every_line() -> None:
    stream = configure()
    access.write([LINE])
    stdlib.getLogger("theirs").info("x")
    ours, theirs = (str(line["timestamp"]) for line in parsed(stream))
    assert ours == "2026-06-21T00:00:00.123456Z"
    assert (len(ours), ours[-1], ours[10]) == (len(theirs), theirs[-1], theirs[10])


def test_a_level_that_is_off_stays_silent() -> None:
    stream = configure()
    access.write([LINE._replace(level=stdlib.DEBUG), LINE])
    assert [line["level"] for line in parsed(stream)] == ["info"]


def test_it_goes_through_the_logger_where_somebody_else_listens_too() -> None:
    stream = configure()
    heard: list[str] = []

    class Listener(stdlib.Handler):
        def emit(self, record: stdlib.LogRecord) -> None:
            heard.append(record.name)

    stdlib.getLogger().addHandler(Listener())
    access.write([LINE])
    assert heard == ["garrison_kit.access"]
    (line,) = parsed(stream)
    assert (line["event"], line["request_id"], line["client"]) == ("request", "request-1", "anna")


def test_a_line_break_in_a_path_stays_inside_the_line() -> None:
    stream = configure()
    access.write([LINE._replace(path="/a\n{}")])
    assert parsed(stream)[0]["path"] == "/a\n{}"


def test_a_stream_that_is_gone_takes_nobody_down() -> None:
    stream = configure()
    stream.close()
    access.write([LINE])
