"""What is broken, hostile or far too large gets a problem document, at every operation that takes a body."""

from typing import Any

import httpx
import pytest

from garrison.plan.step import Command
from tests.compliance.live import LiveHost
from tests.contract.conftest import As
from tests.contract.first_party import FirstParty
from tests.contract.keys import Keys
from tests.contract.openapi import Api, Operation
from tests.contract.problems import REQUEST_ID, assert_problem
from tests.contract.raw import Wire

MALFORMED = {
    "half a document": b'{"a": 1',
    "no JSON": b"a=1",
    "NaN alone": b"{NaN}",
    "invalid UTF-8": b'{"a": "\xff\xfe"}',
    "an overlong slash": b'{"a": "\xc0\xaf"}',
    "nested without an end": b"[" * 50_000,
}
WRONG_TYPES: dict[str, Any] = {"a text": "x", "a number": 7, "a list": [[]], "nothing": None}
BAD_IDS = {
    "empty": "",
    "too long": "a" * 200,
    "with spaces": "an id of many words",
    "markup": "<script>alert(1)</script>",
    "a line's end, encoded": "abcdefgh%0d%0aX-Injected:1",
    "JSON": '","level":"fake',
    "short": "a",
}
PIECE = b" " * 65536


@pytest.fixture
def wire(door: str, authority: Any) -> Wire:
    return Wire(door=door, authority=authority)


@pytest.mark.parametrize("what", MALFORMED)
def test_a_body_that_is_no_json_is_refused(api: Api, client: httpx.Client, what: str) -> None:
    for operation in api.with_body:
        assert_problem(operation.ask(client, MALFORMED[what]), 400, 422)


@pytest.mark.parametrize("what", WRONG_TYPES)
def test_a_body_of_another_type_is_refused(api: Api, client: httpx.Client, what: str) -> None:
    for operation in api.with_body:
        if WRONG_TYPES[what] is not None or not operation.may_be_null:
            assert_problem(operation.ask(client, WRONG_TYPES[what]), 400, 422)


def test_a_field_of_another_type_is_refused(api: Api, client: httpx.Client) -> None:
    for operation in api.with_body:
        for name in operation.typed_fields:
            wrong = {**operation.sample_body(), name: {"x": [None]}}
            assert_problem(operation.ask(client, wrong), 400, 422)


def test_a_field_that_nobody_knows_is_refused(api: Api, client: httpx.Client) -> None:
    for operation in api.with_body:
        assert_problem(operation.ask(client, {**operation.sample_body(), "nobody_knows_this": 1}), 400, 422)


def test_a_body_of_another_media_type_is_refused(api: Api, client: httpx.Client) -> None:
    for operation in api.with_body:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
            answer = client.request(
                operation.method, operation.path(), headers={"Content-Type": kind}, content=b"<a/>"
            )
            assert_problem(answer, 415)


@pytest.mark.parametrize("framing", ["declared", "in chunks"])
def test_a_body_ten_times_too_large_is_refused(
    service: FirstParty, api: Api, wire: Wire, keys: Keys, framing: str
) -> None:
    for operation in api.with_body:
        assert_problem(send_large(wire, operation, keys.every, 10 * service.largest_body, framing), 413)


def send_large(wire: Wire, operation: Operation, key: str, size: int, framing: str) -> httpx.Response:
    """The answer to a body of that size, declared or in chunks."""
    length = f"Content-Length: {size}" if framing == "declared" else "Transfer-Encoding: chunked"
    lines = (f"X-API-Key: {key}".encode(), b"Content-Type: application/json", length.encode())
    piece = PIECE if framing == "declared" else b"%x\r\n%s\r\n" % (len(PIECE), PIECE)
    end = b"" if framing == "declared" else b"0\r\n\r\n"
    head = wire.head(operation.method, operation.path(), *lines)
    return wire.send(head, *[piece] * (size // len(PIECE)), end)


@pytest.mark.parametrize(
    "line",
    [
        b"X-Thing: a\rX-Injected: 1",
        b"X-Thing: a\r\n X-Injected: 1",
        b"X-Thing : 1",
        b"X-Th\x00ing: 1",
        b"X-Thing: a\x00b",
        b": 1",
    ],
    ids=[
        "a bare CR",
        "a folded line",
        "a space before the colon",
        "NUL in a name",
        "NUL in a value",
        "no name",
    ],
)
def test_a_broken_header_is_refused(service: FirstParty, wire: Wire, keys: Keys, line: bytes) -> None:
    head = wire.head("GET", f"{service.prefix}/openapi.json", f"X-API-Key: {keys.read}".encode(), line)
    assert_problem(wire.send(head), 400)


@pytest.mark.parametrize("place", ["path", "query", "key", "request id"])
def test_a_line_end_comes_back_in_no_header(service: FirstParty, wire: Wire, place: str) -> None:
    mark = "%0d%0aX-Injected:%201"
    path = {"path": f"/x{mark}", "query": f"/openapi.json?a={mark}"}.get(place, "/openapi.json")
    line = f"X-API-Key: x{mark}" if place == "key" else f"X-Request-ID: x{mark}"
    answer = wire.send(wire.head("GET", service.prefix + path, line.encode()))
    assert "x-injected" not in answer.headers
    assert_problem(answer, 400, 401, 404)


@pytest.mark.parametrize("what", BAD_IDS)
def test_a_bad_request_id_is_replaced(service: FirstParty, client: httpx.Client, what: str) -> None:
    answer = client.get(f"{service.prefix}/openapi.json", headers={"X-Request-ID": BAD_IDS[what]})
    assert answer.status_code == 200
    (found,) = answer.headers.get_list("x-request-id")
    assert REQUEST_ID.fullmatch(found)
    assert found != BAD_IDS[what]


def test_the_service_itself_keeps_a_good_request_id_and_replaces_a_bad_one(
    service: FirstParty, host: LiveHost
) -> None:
    found = {sent: _id_behind_the_door(host, service, sent) for sent in ("a-good-id_1.2", "a bad id", "<b>")}
    assert found["a-good-id_1.2"] == "a-good-id_1.2"
    for sent in ("a bad id", "<b>"):
        assert REQUEST_ID.fullmatch(found[sent])
        assert found[sent] != sent


def _id_behind_the_door(host: LiveHost, service: FirstParty, sent: str) -> str:
    script = (
        "import http.client\n"
        f"link = http.client.HTTPConnection('127.0.0.1', {service.loopback}, timeout=60)\n"
        f"link.request('GET', '/health/live', headers={{'X-Request-ID': {sent!r}}})\n"
        "print(link.getresponse().headers['X-Request-ID'])\n"
    )
    return host.ask(Command(line="python3 -", stdin=script)).strip()


def test_the_service_still_serves_whoever_asks_properly(service: FirstParty, as_client: As) -> None:
    """The last of this module: after all of the above."""
    assert as_client(None).get(f"{service.prefix}/health/ready").status_code == 200
