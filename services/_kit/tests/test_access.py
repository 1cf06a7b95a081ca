"""The line of a request has what every other line has, and goes where they go."""

import io
import json
import logging as stdlib

import pytest
import structlog
from garrison_kit import access, clients, logging, request_id


@pytest.fixture
def stream() -> io.StringIO:
    found = io.StringIO()
    logging.configure("demo", "9.9", stream=found)
    return found


def parsed(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_it_has_the_fields_of_a_line_by_structlog(stream: io.StringIO) -> None:
    structlog.get_logger("garrison_kit.access").info("request", status=200)
    access.write(stdlib.INFO, status=200)
    slow, quick = parsed(stream)
    assert slow | {"timestamp": None} == quick | {"timestamp": None}


def test_it_names_the_request_and_the_client(stream: io.StringIO) -> None:
    first = request_id.enter("request-1")
    second = clients.enter(clients.Client(name="anna", scopes=frozenset()))
    access.write(stdlib.INFO, status=200)
    clients.leave(second)
    request_id.leave(first)
    (line,) = parsed(stream)
    assert (line["request_id"], line["client"]) == ("request-1", "anna")


def test_its_time_is_written_as_on_every_line(stream: io.StringIO) -> None:
    access.write(stdlib.INFO)
    stdlib.getLogger("theirs").info("x")
    ours, theirs = (str(line["timestamp"]) for line in parsed(stream))
    assert (len(ours), ours[-1], ours[:11]) == (len(theirs), "Z", theirs[:11])


def test_a_level_that_is_off_stays_silent(stream: io.StringIO) -> None:
    access.write(stdlib.DEBUG, status=200)
    assert parsed(stream) == []


def test_it_goes_through_the_logger_where_somebody_else_listens_too(stream: io.StringIO) -> None:
    heard: list[str] = []

    class Listener(stdlib.Handler):
        def emit(self, record: stdlib.LogRecord) -> None:
            heard.append(record.name)

    stdlib.getLogger().addHandler(Listener())
    access.write(stdlib.INFO, status=200)
    assert heard == ["garrison_kit.access"]
    assert parsed(stream)[0]["event"] == "request"


def test_a_line_break_in_a_path_stays_inside_the_line(stream: io.StringIO) -> None:
    access.write(stdlib.INFO, path="/a\n{}")
    assert parsed(stream)[0]["path"] == "/a\n{}"
