"""What comes over the wire that is no request, or hardly one: each adapter on its real server."""

import json
import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# name: (bytes that are no HTTP/1.1 request, in part or whole)
BROKEN = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "half a request line": b"GET\r\n\r\n",
    "NUL in a header": b"GET /notes/1 HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
    "space in a header's name": b"GET /notes/1 HTTP/1.1\r\nHost: x\r\nX A: a\r\n\r\n",
    "lone LF smuggled": b"GET /notes/1 HTTP/1.1\r\nHost: x\r\nX-A: a\r\n : b\r\n\rGET / HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /notes/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "broken chunk": (
        b"POST /notes/1 HTTP/1.1\r\nHost: x\r\nX-API-Key: gk_writer\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
    ),
    "headers without end": b"GET /notes/1 HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 200_000 + b"\r\n\r\n",
    "unknown expectation": b"GET /notes/1 HTTP/1.1\r\nHost: x\r\nExpect: gold\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_http_leaks_nothing(served, case) -> None:
    answer = served.send_raw(BROKEN[case], timeout=3)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    assert json.loads(body)["error_id"]
    assert 400 <= int(head.split()[1]) < 500
    for word in (b"Traceback", b"File ", b"garrison_kit", b"python/", b"aiohttp/"):
        assert word.lower() not in (head + body).lower(), answer


def test_a_body_that_is_declared_too_large_and_never_comes_is_answered_at_once(served) -> None:
    request = (
        b"POST /notes/1 HTTP/1.1\r\nHost: x\r\nX-API-Key: gk_writer\r\nContent-Type: application/json\r\n"
        b"Content-Length: 5000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=1) as connection:
        connection.sendall(request)
        assert connection.recv(100).split()[1] == b"413"


def test_a_body_that_a_refused_client_never_sends_is_not_waited_for(served) -> None:
    request = (
        b"POST /notes/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=1) as connection:
        connection.sendall(request)
        assert connection.recv(100).split()[1] == b"401"


HEADER_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))
HEADERS = ("X-Request-ID", "X-API-Key", "Authorization", "X-Client", "Content-Type", "traceparent", "Accept")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.dictionaries(st.sampled_from(HEADERS), HEADER_TEXT, max_size=4))
def test_no_header_whatever_breaks_a_service_or_comes_back(served, given: dict[str, str]) -> None:
    raw = [(name.encode(), value.strip().encode("latin-1")) for name, value in given.items()]
    answer = served.client.get("/notes/1", headers=raw)
    assert answer.status_code in (200, 400, 401, 403, 415), answer.text
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", answer.headers["x-request-id"])
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.text(st.sampled_from("abcXYZ019._-"), min_size=8, max_size=64))
def test_every_safe_request_id_is_kept(served, made: str) -> None:
    assert served.client.get("/notes/1", headers={"X-Request-ID": made}).headers["x-request-id"] == made
