"""What all adapters must do alike, asked over HTTP on loopback."""

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from garrison_kit.clients import LOOK_SECONDS
from prometheus_client.openmetrics.parser import text_string_to_metric_families

AS_READER = {"X-API-Key": "gk_reader"}
AS_WRITER = {"Authorization": "Bearer gk_writer"}
JSON = {"Content-Type": "application/json"}
GOOD = b'{"text": "hello"}'


def endless() -> Iterator[bytes]:
    """More than the limit, in chunks that say nothing of their sum."""
    for _ in range(64):
        yield b" " * 1024


# name: (method, path, headers, body, wanted status)
REFUSALS = {
    "no key": ("GET", "/notes/1", {}, None, 401),
    "wrong key": ("GET", "/notes/1", {"X-API-Key": "gk_other"}, None, 401),
    "key in a scheme we don't know": ("GET", "/notes/1", {"Authorization": "Basic gk_reader"}, None, 401),
    "key that is not ASCII": ("GET", "/notes/1", {"X-API-Key": b"\xe4\xff"}, None, 401),
    "unknown route without a key": ("GET", "/nothing", {}, None, 401),
    "read key that writes": ("POST", "/notes/1", {**AS_READER, **JSON}, GOOD, 403),
    "read key with a rare method": ("PROPFIND", "/notes/1", AS_READER, None, 403),
    "unknown route": ("GET", "/nothing", AS_READER, None, 404),
    "path that is not UTF-8": ("GET", "/notes/%ff%fe", AS_READER, None, (404, 422)),
    "method not allowed": ("DELETE", "/notes/1", AS_WRITER, None, 405),
    "rare method": ("PROPFIND", "/notes/1", AS_WRITER, None, 405),
    "method that nobody knows": ("BREW", "/notes/1", AS_WRITER, None, (400, 405)),
    "compressed body": ("POST", "/notes/1", {**AS_WRITER, **JSON, "Content-Encoding": "gzip"}, GOOD, 415),
    "no content type": ("POST", "/notes/1", AS_WRITER, GOOD, 415),
    "wrong content type": ("POST", "/notes/1", {**AS_WRITER, "Content-Type": "text/plain"}, GOOD, 415),
    "JSON where text is wanted": ("POST", "/plain", {**AS_WRITER, **JSON}, GOOD, 415),
    "malformed JSON": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b'{"text": ', 400),
    "invalid UTF-8": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b'{"text": "\xff\xfe"}', 400),
    "JSON nested too deeply": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b"[" * 4000, 400),
    "empty body": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b"", (400, 422)),
    "wrong shape": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b"[]", 422),
    "wrong type": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b'{"text": {}}', 422),
    "lone surrogate": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b'{"text": "\\ud800"}', 422),
    "NUL": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b'{"text": "a\\u0000"}', 422),
    "declared too large": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b"x" * 5000, 413),
    "ten times too large": ("POST", "/notes/1", {**AS_WRITER, **JSON}, b"x" * 10 * 4096, 413),
    "refused before megabytes are read": ("POST", "/notes/1", JSON, b"x" * 2_500_000, 401),
    "chunked too large": ("POST", "/notes/1", {**AS_WRITER, **JSON}, "endless", 413),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_bad_input_gets_a_problem_document(served, case) -> None:
    method, path, headers, body, wanted = REFUSALS[case]
    content = endless() if body == "endless" else body
    answer = served.client.request(method, path, headers=headers, content=content)
    assert answer.status_code in (wanted if isinstance(wanted, tuple) else (wanted,)), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "error_id", "request_id"} <= problem.keys()
    assert problem["status"] == answer.status_code
    assert "Traceback" not in answer.text
    assert served.lines("problem", error_id=problem["error_id"])


def test_a_401_names_the_scheme(served) -> None:
    assert served.client.get("/notes/1").headers["www-authenticate"] == "Bearer"


def test_a_405_names_the_methods(served) -> None:
    allowed = served.client.delete("/notes/1", headers=AS_WRITER).headers["allow"]
    assert {"GET"} <= set(re.split(r", *", allowed)) or "POST" in allowed


def test_a_read_key_may_post_where_the_handler_says_so(served) -> None:
    answer = served.client.post("/notes/search", headers={**AS_READER, **JSON}, content=GOOD)
    assert (answer.status_code, answer.json()) == (200, {"text": "hello", "number": 0})


def test_an_unexpected_error_shows_nothing_and_is_found_in_the_log(served) -> None:
    answer = served.client.get("/boom", headers=AS_READER)
    assert answer.status_code == 500
    assert "inside" not in answer.text
    (logged,) = served.lines("unexpected_error", error_id=answer.json()["error_id"])
    assert "postgres://inside" in logged["exception"]
    assert logged["request_id"] == answer.headers["x-request-id"]


def test_each_request_leaves_one_access_line_with_all_fields(served) -> None:
    served.client.get("/notes/7?q=secret", headers={**AS_READER, "X-Request-ID": "abcdef0123456789"})
    (line,) = served.lines("request", path="/notes/7")
    assert served.log.getvalue().count("/notes/7") == 1
    assert line["request_id"] == "abcdef0123456789"
    assert (line["client"], line["service"], line["version"], line["status"]) == ("anna", "demo", "9.9", 200)
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize("given", ["short", "has space inside", "x" * 65, "line%0a", "ä" * 10])
def test_an_unsafe_request_id_is_replaced(served, given) -> None:
    headers = [(b"x-api-key", b"gk_reader"), (b"x-request-id", given.encode("latin-1"))]
    made = served.client.get("/notes/1", headers=headers).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)


@pytest.mark.parametrize(
    "given",
    [
        [b"nonsense"],
        [b"00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-01"],
        [b"00-" + b"AB" * 16 + b"-" + b"1" * 16 + b"-01"],
        ["ä".encode() * 30],
        [b"x" * 2000],
        [b"00-" + one * 32 + b"-" + b"1" * 16 + b"-01" for one in (b"a", b"b")],
    ],
    ids=["no trace", "zeros", "capitals", "other letters", "too long", "two of them"],
)
def test_a_trace_that_is_none_becomes_one_of_our_own_or_one_of_two_is_taken(served, given) -> None:
    headers = [(b"x-api-key", b"gk_reader"), *((b"traceparent", one) for one in given)]
    answer = served.client.get("/notes/1", headers=headers)
    assert answer.status_code == 200
    (line,) = served.lines("request", request_id=answer.headers["x-request-id"])
    assert re.fullmatch("[0-9a-f]{32}", line["trace_id"])
    assert len(given) == 2 or line["trace_id"].encode() not in given[0].lower()


def test_health_needs_no_key_and_names_what_is_missing(served) -> None:
    assert served.client.get("/health/live").json() == {"status": "live", "service": "demo", "version": "9.9"}
    answer = served.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["cache"]
    assert answer.json()["checks"] == {"store": "ok", "cache": "cold"}


def test_metrics_are_openmetrics_for_who_accepts_them(served) -> None:
    answer = served.client.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"http_requests", "http_request_duration_seconds", "garrison_spans_lost"} <= names
    assert served.client.get("/metrics").headers["content-type"].startswith("text/plain")


def test_metrics_have_bounded_labels(served) -> None:
    for number, method in enumerate(("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE")):
        served.client.get(f"/notes/{number}", headers=AS_READER)
        served.client.get(f"/nothing/{number}", headers=AS_READER)
        served.client.request(method, "/notes/1", headers=AS_WRITER)
    text = served.client.get("/metrics").text
    series = [line for line in text.splitlines() if line.startswith("http_requests_total")]
    assert (
        len([line for line in series if "/notes/" in line and 'status="200"' in line and "GET" in line]) == 1
    )
    assert len([line for line in series if 'GET",route="unmatched",status="404"' in line]) == 1
    assert len([line for line in series if 'method="other"' in line and 'status="405"' in line]) == 1
    assert 'http_request_duration_seconds_bucket{le="0.005"' in text


def test_the_key_between_services_speaks_for_the_client_the_door_checked(served) -> None:
    headers = {"Authorization": f"Bearer {'5' * 64}", "X-Client": "bert"}
    assert served.client.post("/notes/31", headers={**headers, **JSON}, content=GOOD).status_code == 201
    served.client.get("/notes/32", headers={**AS_READER, "X-Client": "mallory"})
    assert served.lines("request", path="/notes/31")[0]["client"] == "bert"
    assert served.lines("request", path="/notes/32")[0]["client"] == "anna"


@pytest.mark.parametrize("length", ["-1", "abc", "1" * 30, "1" * 5000, "9000000"])
def test_a_strange_content_length_is_a_client_error(served, length) -> None:
    request = (
        f"POST /notes/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gk_writer\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(request.encode())
        first = connection.makefile("rb").readline()
    assert first.split()[1] in (b"400", b"413"), first


def test_a_new_clients_file_counts_within_a_moment(served) -> None:
    before = served.clients_file.read_text()
    document = json.loads(before)
    document["clients"] = document["clients"][1:]
    replace(served.clients_file, json.dumps(document))
    time.sleep(2 * LOOK_SECONDS)
    assert served.client.get("/notes/1", headers=AS_READER).status_code == 401
    assert served.client.get("/notes/1", headers=AS_WRITER).status_code == 200
    replace(served.clients_file, before)
    time.sleep(2 * LOOK_SECONDS)
    assert served.client.get("/notes/1", headers=AS_READER).status_code == 200


def replace(path: Path, text: str) -> None:
    fresh = path.with_name("clients.new")
    fresh.write_text(text)
    fresh.replace(path)


def test_a_handlers_own_problem_keeps_its_headers(served) -> None:
    answer = served.client.get("/conflict", headers=AS_READER)
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "3")
    assert answer.json()["detail"] == "It is there already."


def test_the_handler_and_the_code_below_it_know_the_client(served) -> None:
    assert served.client.get("/who", headers=AS_READER).json() == {"name": "anna", "current": "anna"}


def test_use_is_counted_for_each_client_of_the_file_and_nobody_else(served) -> None:
    for key in ("gk_reader", "gk_writer", "gk_mallory"):
        served.client.get("/who", headers={"X-API-Key": key})
    text = served.client.get("/metrics").text
    counted = re.findall(r'^garrison_client_requests_total\{client="(.+)"\} ', text, re.MULTILINE)
    assert set(counted) <= {"anna", "bert", "service"}
    assert {"anna", "bert"} <= set(counted)


def test_a_line_of_a_thread_that_a_handler_starts_is_told_apart_like_its_own(served) -> None:
    answer = served.client.get("/thread", headers=AS_READER)
    (line,) = served.lines("from_a_thread", request_id=answer.headers["x-request-id"])
    (access,) = served.lines("request", request_id=answer.headers["x-request-id"])
    assert (line["service"], line["version"], line["client"]) == ("demo", "9.9", "anna")
    assert re.fullmatch("[0-9a-f]{32}", line["trace_id"])
    assert line["trace_id"] == access["trace_id"]


def test_a_request_is_part_of_the_trace_that_its_caller_names(served) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    served.client.get("/who", headers={**AS_READER, "traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    assert served.lines("request", trace_id=trace_id)


def test_all_lines_of_all_loggers_are_json_with_their_origin(served) -> None:
    served.client.get("/boom", headers=AS_READER)
    served.send_raw(b"no http\r\n\r\n", timeout=2)
    for line in served.all_lines():
        assert {"event", "level", "logger", "timestamp", "service", "version"} <= line.keys()
        assert {"request_id", "trace_id", "client"} <= line.keys()
