"""Every line is one JSON object with its origin, whoever writes it and in whatever thread."""

import io
import json
import logging as stdlib
import threading

import pytest
import structlog
from garrison_kit import clients, logging, request_id


def written(write) -> str:
    stream = io.StringIO()
    logging.configure("demo", "9.9", stream=stream)
    write()
    return stream.getvalue()


def lines_of(write) -> list[dict[str, object]]:
    return [json.loads(line) for line in written(write).splitlines()]


def test_our_lines_and_the_libraries_lines_look_alike() -> None:
    def write() -> None:
        structlog.get_logger("ours").info("opened", size=1)
        stdlib.getLogger("theirs").warning("closed %s", "it")

    ours, theirs = lines_of(write)
    assert {
        "event",
        "level",
        "logger",
        "timestamp",
        "service",
        "version",
        "request_id",
        "client",
    } <= theirs.keys()
    assert (ours["event"], ours["size"], ours["level"]) == ("opened", 1, "info")
    assert (theirs["event"], theirs["service"], theirs["level"]) == ("closed it", "demo", "warning")
    assert str(ours["timestamp"]).endswith("Z")


def test_a_line_of_another_thread_has_its_origin_too() -> None:
    def write() -> None:
        thread = threading.Thread(target=lambda: structlog.get_logger("t").info("from afar"))
        thread.start()
        thread.join()

    (line,) = lines_of(write)
    assert (line["service"], line["version"], line["request_id"]) == ("demo", "9.9", None)


def test_the_request_and_the_client_are_on_every_line_of_a_request() -> None:
    def write() -> None:
        first, second = (
            request_id.enter("request-1"),
            clients.enter(clients.Client(name="anna", scopes=frozenset())),
        )
        stdlib.getLogger("theirs").error("broke")
        clients.leave(second)
        request_id.leave(first)

    (line,) = lines_of(write)
    assert (line["request_id"], line["client"]) == ("request-1", "anna")


def test_a_traceback_is_one_field_of_one_line() -> None:
    def write() -> None:
        try:
            raise ValueError("two\nlines")
        except ValueError:
            stdlib.getLogger("theirs").exception("broke")

    (line,) = lines_of(write)
    assert "ValueError: two\nlines" in str(line["exception"])


def test_the_servers_own_access_lines_stay_away() -> None:
    assert lines_of(lambda: stdlib.getLogger("uvicorn.access").info("GET / 200")) == []


CIRCLE: list[object] = []
CIRCLE.append(CIRCLE)
HUGE = {
    "letters": "x" * 100_000,
    "what JSON writes as six letters each": "\x01" * 100_000,
    "what JSON writes as twelve": "\N{SLEUTH OR SPY}" * 100_000,
    "a value that is no text": [["y" * 100] * 100] * 100,
    "a lone surrogate": "\udcff" * 100_000,
}


@pytest.mark.parametrize("what", HUGE)
def test_a_line_is_never_longer_than_an_entry_of_the_journal(what: str) -> None:
    (line,) = lines_of(
        lambda: stdlib.getLogger("theirs").error("broke %s", HUGE[what], extra={"more": HUGE[what]})
    )
    assert len(json.dumps(line)) <= logging.LONGEST
    assert str(line["event"]).startswith("broke ")
    assert (line["service"], line["level"]) == ("demo", "error")


UNSPEAKABLE = {
    "no number": {"score": float("nan"), "most": float("inf")},
    "keys that are no text": {"found": {(1, 2): "x"}},
    "a value within itself": {"found": [CIRCLE]},
    "a long name": {"n" * 9000: 1},
    "many long values": {f"field_{number}": "\N{SLEUTH OR SPY}" * 1000 for number in range(60)},
}


@pytest.mark.parametrize("what", UNSPEAKABLE)
def test_what_json_can_not_say_is_said_as_text_or_left_out(what: str) -> None:
    text = written(lambda: structlog.get_logger("ours").warning("odd", **UNSPEAKABLE[what]))
    line = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert (line["event"], line["level"], line["service"]) == ("odd", "warning", "demo")
    assert len(text) <= logging.LONGEST


def test_a_long_traceback_keeps_its_beginning_and_its_end() -> None:
    def write() -> None:
        try:
            raise ValueError("x" * 20_000 + " the reason")
        except ValueError:
            structlog.get_logger("ours").exception("broke", error_id="0123456789ab")

    (line,) = lines_of(write)
    assert str(line["exception"]).startswith("Traceback")
    assert str(line["exception"]).endswith("the reason")
    assert line["error_id"] == "0123456789ab"


def test_what_fits_is_written_as_it_is() -> None:
    (line,) = lines_of(lambda: structlog.get_logger("ours").info("opened", text="z" * 6000))
    assert line["text"] == "z" * 6000
