"""look-traces against a real TLS server and a collector that answers as Jaeger does: it tells, and judges nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from garrison.evidence.traces import Traced
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import NAME, Pems, pems, serving, tls
from tests.unit.hostside.test_door import KEYS

__all__ = ["pems"]  # a fixture

ROUTES = [
    {"service": "aidb", "path": "/aidb/", "auth": "key"},
    {"service": "hello", "path": "/hello/", "auth": "none"},
]


class Stack:
    """A door and a collector that has a span of each service which the door was asked for, unless it is in ``lost``."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.asked: list[tuple[str, str | None, str]] = []
        self.lost: set[str] = set()
        self.questions, self.since, self.status = 0, 0, 200

    def door(self, path: str, headers: Any) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((path, headers.get("X-API-Key"), headers.get("traceparent")))
        is_open = path.startswith("/hello/")
        return (404 if is_open or headers.get("X-API-Key") == "gk_good" else 401), {}, b""

    def collector(self, path: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
        self.questions += 1
        if self.status != 200:
            return self.status, {}, b"{}"
        trace = path.rpartition("/")[2]
        names = {path.split("/")[1] for path, _, parent in self.asked if parent.split("-")[1] == trace}
        shown = sorted(names - self.lost) if self.questions > self.since else []
        if not shown:
            return 404, {}, json.dumps({"data": None, "errors": [{"code": 404, "msg": "none"}]}).encode()
        processes = {f"p{number}": {"serviceName": name} for number, name in enumerate(shown)}
        spans = [{"processID": key, "operationName": "GET"} for key in processes]
        return 200, {}, json.dumps({"data": [{"processes": processes, "spans": spans}]}).encode()


@pytest.fixture
def stack(host: Host) -> Stack:
    host.add_program("keys", KEYS)
    return Stack(host)


@contextmanager
def asking(stack: Stack, pems: Pems, folder: Path) -> Iterator[dict[str, Any]]:
    with serving(stack.door, tls(pems, folder)) as https, serving(stack.collector) as query:
        yield {"name": NAME, "https": https, "query": query, "routes": ROUTES, "deadline": 30}


def look(stack: Stack, pems: Pems, folder: Path, **changed: Any) -> Traced:
    with asking(stack, pems, folder) as question:
        done = stack.host.run("look-traces", json.dumps({**question, **changed}))
    assert done.returncode == 0, done.stderr
    return Traced.model_validate_json(done.stdout)


def test_each_service_is_asked_in_one_trace_that_shall_be_kept(
    stack: Stack, pems: Pems, tmp_path: Path
) -> None:
    found = look(stack, pems, tmp_path)
    assert found.answers == {"aidb": 404, "hello": 404}
    assert {one.service for one in found.spans} == {"aidb", "hello"}
    version, traces, _, flags = zip(*(parent.split("-") for _, _, parent in stack.asked), strict=True)
    assert (set(version), set(traces), set(flags)) == ({"00"}, {found.trace}, {"01"})


def test_a_key_goes_to_who_asks_for_one_and_is_taken_away(stack: Stack, pems: Pems, tmp_path: Path) -> None:
    look(stack, pems, tmp_path)
    assert [(path, key) for path, key, _ in stack.asked] == [
        ("/aidb/garrison-nowhere", "gk_good"),
        ("/hello/garrison-nowhere", None),
    ]
    assert (stack.host.lib / "revoked").read_text().startswith("revoke garrison-traces --key k")


def test_where_no_route_asks_for_a_key_none_is_made(stack: Stack, pems: Pems, tmp_path: Path) -> None:
    look(stack, pems, tmp_path, routes=ROUTES[1:])
    assert not (stack.host.lib / "revoked").exists()


def test_a_key_that_a_killed_run_left_is_taken_away_first(stack: Stack, pems: Pems, tmp_path: Path) -> None:
    (stack.host.lib / "known").write_text('[{"name": "garrison-traces"}]')
    (stack.host.lib / "key").write_text("gk_left")
    look(stack, pems, tmp_path)
    assert (stack.host.lib / "revocations").read_text().startswith("revoke garrison-traces\n")


def test_it_waits_until_the_spans_have_come(stack: Stack, pems: Pems, tmp_path: Path) -> None:
    stack.since = 2
    assert len(look(stack, pems, tmp_path).spans) == 2
    assert stack.questions == 3


def test_a_service_without_a_span_is_told_when_the_time_is_up(
    stack: Stack, pems: Pems, tmp_path: Path
) -> None:
    stack.lost = {"aidb"}
    found = look(stack, pems, tmp_path, deadline=0)
    assert [one.service for one in found.spans] == ["hello"]
    assert found.error == ""


def test_a_collector_that_answers_with_an_error_is_told(stack: Stack, pems: Pems, tmp_path: Path) -> None:
    stack.status = 503
    assert look(stack, pems, tmp_path, deadline=0).error == "status 503"


def test_a_collector_that_is_away_is_told(stack: Stack, pems: Pems, tmp_path: Path) -> None:
    assert "refused" in look(stack, pems, tmp_path, deadline=0, query=1).error


def test_a_door_that_is_shut_gets_a_sentence_and_leaves_no_key(
    stack: Stack, pems: Pems, tmp_path: Path
) -> None:
    with asking(stack, pems, tmp_path) as question:
        done = stack.host.run("look-traces", json.dumps({**question, "https": 1}))
    assert done.returncode == 1
    assert "Is the door up?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (stack.host.lib / "key").exists()


def test_without_its_argument_it_says_what_it_wants(host: Host) -> None:
    done = host.run("look-traces")
    assert done.returncode == 1
    assert done.stderr.startswith('look-traces: say {"name": NAME,')
