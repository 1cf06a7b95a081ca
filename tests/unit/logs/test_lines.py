"""What each service of a lab host really wrote, read into lines of one schema."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from garrison.logs.journal import ask_journal, read_line, read_lines
from garrison.logs.line import Level, Line

JOURNAL = Path(__file__).parents[2] / "fixtures" / "logs" / "journal.ndjson"
REQUEST = "e74dce2b1ab6da1df9983a1631a9943e"
# What to_json always tells, in this order; docs/operating.md names the same.
SCHEMA = ["timestamp", "level", "service", "version", "message", "request_id", "trace_id", "client"]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return list(read_lines(JOURNAL.read_text().splitlines()))


FIRST = 1_795_657_391_278_692


def entry(
    message: object, name: str = "garrison-x", at: int = FIRST, priority: str = "6", more: bool = False
) -> str:
    """What journalctl prints of an entry; ``more`` of the same line comes after it."""
    said = {"MESSAGE": message, "CONTAINER_NAME": name, "PRIORITY": priority, "__REALTIME_TIMESTAMP": str(at)}
    return json.dumps(said | ({"CONTAINER_PARTIAL_MESSAGE": "true"} if more else {}))


def piece(message: object, priority: str = "6") -> str:
    return entry(message, priority=priority, more=True)


def test_every_entry_of_a_container_of_ours_is_a_line_and_no_other(lines: list[Line]) -> None:
    written = [json.loads(text) for text in JOURNAL.read_text().splitlines()]
    ours = [one for one in written if one["CONTAINER_NAME"].startswith("garrison-")]
    assert len(ours) == len(lines) == len(written) - 1


def test_every_line_has_the_schema(lines: list[Line]) -> None:
    for line in lines:
        document = json.loads(line.to_json())
        assert list(document)[: len(SCHEMA)] == SCHEMA
        assert datetime.fromisoformat(document["timestamp"]).tzinfo
        assert document["level"] in {level.value for level in Level}


def test_who_writes_json_isnt_wrapped_and_who_writes_text_says_so(lines: list[Line]) -> None:
    wrapped = Counter((line.service, line.wrapped) for line in lines)
    assert {service for service, is_wrapped in wrapped if is_wrapped} == {
        "llama-cpp",
        "nginx",
        "postgres",
        "redis",
    }
    assert {service for service, is_wrapped in wrapped if not is_wrapped} == {
        "aidb", "embeddings", "hybrid-coordinator", "nginx", "nixos-docs", "qdrant",
    }  # fmt: skip


def test_one_id_is_found_at_the_door_and_in_the_service(lines: list[Line]) -> None:
    found = [line for line in lines if line.request_id == REQUEST]
    assert [line.service for line in found] == ["nixos-docs", "nixos-docs", "nixos-docs", "nginx"]
    assert {line.client for line in found} == {None, "garrison-gate"}


TEXTS = {
    "PostgreSQL": (
        "2026-11-26 01:56:34.693 UTC [344] role@base 10.89.1.2 FATAL:  no entry\n",
        (Level.ERROR, "no entry", {"pid": 344, "session": "role@base 10.89.1.2"}),
    ),
    "PostgreSQL by itself": (
        "2026-11-26 01:44:47.446 UTC [40] LOG:  starting",
        (Level.INFO, "starting", {"pid": 40}),
    ),
    "Redis": ("1:M 26 Nov 2026 01:45:41.838 # WARNING Memory", (Level.WARNING, "WARNING Memory", {"pid": 1})),
    "nginx": (
        "2026/11/26 01:49:48 [error] 7#7: *3 upstream timed out, client: 1.2.3.4",
        (Level.ERROR, "upstream timed out, client: 1.2.3.4", {"pid": 7}),
    ),
    "llama.cpp": (
        "0.12.986.112 W srv    load_model: initializing",
        (Level.WARNING, "srv load_model: initializing", {}),
    ),
    "nothing known": ("hello", (Level.INFO, "hello", {})),
    "JSON of no shape known": ('{"a": 1}', (Level.INFO, '{"a": 1}', {})),
    "broken JSON": ('{"a": ', (Level.INFO, '{"a": ', {})),
    "JSON that isn't an object": ('["a"]', (Level.INFO, '["a"]', {})),
}


@pytest.mark.parametrize("shape", TEXTS)
def test_a_text_is_wrapped_with_what_it_tells(shape: str) -> None:
    text, (level, message, fields) = TEXTS[shape]
    line = read_line(entry(text))
    assert line is not None
    assert (line.level, line.message, dict(line.fields), line.wrapped) == (level, message, fields, True)


GO = {
    "Alertmanager": (
        '{"time":"2026-11-26T10:05:33.459120031Z","level":"WARN","source":"notify.go:865",'
        '"msg":"Notify attempt failed, will retry later","receiver":"page","err":"connection refused"}',
        (Level.WARNING, "Notify attempt failed, will retry later", ["err", "receiver", "source"]),
    ),
    "Prometheus": (
        '{"caller":"main.go:1123","level":"info","msg":"Server is ready to receive web requests.",'
        '"ts":"2026-11-26T10:05:33.459Z"}',
        (Level.INFO, "Server is ready to receive web requests.", ["caller"]),
    ),
    "Grafana": (
        '{"level":"info","logger":"context","method":"GET","msg":"Request Completed","path":"/api/x",'
        '"t":"2026-11-26T10:05:33.459120031Z"}',
        (Level.INFO, "Request Completed", ["logger", "method", "path"]),
    ),
    "Redis exporter": (
        '{"level":"error","msg":"Redis INFO err: NOAUTH Authentication required.","time":"2026-11-26T10:05:33Z"}',
        (Level.ERROR, "Redis INFO err: NOAUTH Authentication required.", []),
    ),
}


@pytest.mark.parametrize("shape", GO)
def test_what_prometheus_and_its_kin_write_is_read_and_not_wrapped(shape: str) -> None:
    text, (level, message, fields) = GO[shape]
    line = read_line(entry(text))
    assert line is not None
    assert (line.level, line.message, sorted(line.fields), line.wrapped) == (level, message, fields, False)
    if ".459" in text:
        assert line.timestamp.strftime("%H:%M:%S") == "10:05:33"


def test_a_time_in_whole_seconds_gives_way_to_the_time_of_arrival() -> None:
    line = read_line(entry("2026/11/26 01:49:48 [notice] 1#1: x"))
    assert line is not None
    assert line.timestamp == datetime.fromtimestamp(1_795_657_391.278692, UTC)


def test_a_request_at_the_door_has_the_time_at_which_it_ended_and_not_that_of_its_line() -> None:
    """The door holds lines for up to 100 ms; by their arrival it would begin after the services behind it."""
    said = {"ts": "2026-11-26T01:49:51+00:00", "msec": 1795657791.217, "status": 200, "request_time": 0.031}
    line = read_line(entry(json.dumps(said), "garrison-nginx", at=1_795_657_791_311_000))
    assert line is not None
    assert line.timestamp == datetime.fromtimestamp(1_795_657_791.217, UTC)
    assert line.fields == {"status": 200}


def test_a_time_that_is_none_gives_way_to_that_of_arrival_too() -> None:
    line = read_line(entry(json.dumps({"msec": 1e300, "status": 200, "request_time": 0.031})))
    assert line is not None
    assert line.timestamp == datetime.fromtimestamp(FIRST / 1e6, UTC)


def test_bytes_that_are_no_text_are_still_a_line() -> None:
    line = read_line(entry([104, 105, 255, 300, "x"]))
    assert line is not None
    assert line.message == "hi\N{REPLACEMENT CHARACTER}"


def test_a_line_in_pieces_is_put_together() -> None:
    document = json.dumps(
        {"event": "broke", "level": "error", "request_id": "abcdefgh", "more": "x" * 20_000}
    )
    pieces = [
        piece(document[:8192]),
        piece(document[8192:16384]),
        entry(document[16384:], at=1_795_657_399_000_000),
    ]
    (line,) = read_lines(pieces)
    assert (line.message, line.request_id, line.level, line.wrapped) == (
        "broke",
        "abcdefgh",
        Level.ERROR,
        False,
    )
    assert line.timestamp == datetime.fromtimestamp(1_795_657_391.278692, UTC)


def test_pieces_of_several_streams_are_kept_apart() -> None:
    printed = [
        piece('{"event": "o'),
        piece("err", "3"),
        entry("whole", "garrison-y"),
        entry("or", priority="3"),
        entry('ut"}'),
    ]
    found = [(line.service, line.message) for line in read_lines(printed)]
    assert found == [("y", "whole"), ("x", "error"), ("x", "out")]


def test_a_letter_that_was_cut_through_is_whole_again() -> None:
    first, second = "é".encode()
    (line,) = read_lines([piece([99, 97, 102, first]), entry([second])])
    assert line.message == "café"


def test_pieces_without_their_last_are_shown_at_the_end() -> None:
    assert [line.message for line in read_lines([piece("be"), piece("gun"), entry("z", "garrison-z")])] == [
        "z",
        "begun",
    ]


def test_pieces_that_were_searched_for_are_joined_to_no_other_line() -> None:
    """The rest of a line isn't there where it lacks what is searched for, and the next entry is another's."""
    other = json.dumps({"event": "other", "request_id": "abcdefgh"})
    printed = [piece('{"request_id": "abcdefgh", "event": "'), entry(other)]
    found = list(read_lines(printed, searched=True))
    assert [(line.message, line.request_id) for line in found][1:] == [("other", "abcdefgh")]


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"CONTAINER_NAME": 3}', entry("x", "else")])
def test_what_is_no_entry_of_ours_is_left_out(text: str) -> None:
    assert read_line(text) is None


def test_the_journal_is_asked_by_account_and_by_container() -> None:
    line = ask_journal("garrison", ["aidb"], since="-60s", until="today", pattern=r"a\.b", at_most=5).line
    assert line.startswith("uid=$(id -u garrison 2>/dev/null) || exit 0; { journalctl ")
    assert r"'--grep=a\.b' --case-sensitive=true CONTAINER_NAME=garrison-aidb " in line
    assert line.endswith('"_UID=$uid" || [ $? -eq 1 ]; }')


def test_a_long_text_is_asked_for_as_a_whole() -> None:
    line = ask_journal("garrison", ["aidb"], since="-60s", until=None, pattern=None, at_most=5).line
    assert " --all " in line
