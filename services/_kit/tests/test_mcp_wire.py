"""What /mcp answers to those who don't speak as they should: keys, methods, bodies, origins."""

import asyncio
import dataclasses
import json
import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from garrison_kit.options import Options
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit_mcp import READER, serving_tools, use_tools
from kit_servers import Served

HEADERS = {
    "X-API-Key": READER,
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}
LIST: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
MODERN = {"MCP-Protocol-Version": "2026-07-28"}


@pytest.fixture(scope="module", params=["fastapi", "aiohttp"])
def tools(request: pytest.FixtureRequest, options: Options) -> Iterator[Served]:
    with serving_tools(request.param, dataclasses.replace(options, rate=math.inf, max_body=8192)) as served:
        yield served


def post(served: Served, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return served.client.post("/mcp", content=content, headers={**HEADERS, **headers})


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers["x-request-id"]
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_a_key_that_is_known_there_is_nothing(tools: Served, key: str) -> None:
    answer = post(tools, LIST, **{"X-API-Key": key})
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_bearer_key_does_as_well(tools: Served) -> None:
    answer = post(tools, LIST, **{"X-API-Key": "", "Authorization": f"Bearer {READER}"})
    assert answer.status_code == 200


@pytest.mark.filterwarnings("ignore")  # the official client leaves streams open when it is refused
def test_the_official_client_is_refused_without_a_key(tools: Served) -> None:
    with pytest.raises(BaseException) as refused:  # noqa: PT011 - a group of them, whose classes are the SDK's own
        asyncio.run(use_tools(tools.port, "wrong", lambda client: client.list_tools()))
    assert refused.value is not None


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_session_to_listen_to_or_to_end(tools: Served, method: str) -> None:
    answer = tools.client.request(method, "/mcp", headers={**HEADERS, "Accept": "text/event-stream"})
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("era", [{}, MODERN], ids=["2025", "2026"])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"", -32700),
        (b"[" * 4000, -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}', None),
        ([LIST], None),
        ("tools/list", None),
        (None, None),
        ({"id": 1, "method": "tools/list"}, None),
        ({**LIST, "jsonrpc": "1.0"}, None),
        ({**LIST, "method": 7}, None),
        ({**LIST, "params": 7}, None),
        ({**LIST, "method": "no/such"}, None),
        ({**LIST, "method": "tools/call", "params": {"arguments": {}}}, None),
        ({**LIST, "method": "tools/call", "params": {"name": 7}}, None),
    ],
)
def test_what_is_no_request_is_a_json_rpc_error(
    tools: Served, era: dict[str, str], body: object, code: int | None
) -> None:
    answer = post(tools, body, **era)
    assert answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/json")
    error = answer.json()["error"]
    assert error["code"] < 0
    assert code in (None, error["code"])


def test_a_body_over_the_limit_is_a_problem(tools: Served) -> None:
    assert_problem(post(tools, b" " * 10000), 413)

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 1000

    assert_problem(tools.client.post("/mcp", content=chunks(), headers=HEADERS), 413)


def test_another_content_type_is_a_problem(tools: Served) -> None:
    assert_problem(post(tools, LIST, **{"Content-Type": "text/plain"}), 415)


def test_a_client_that_takes_no_json_is_told(tools: Served) -> None:
    assert post(tools, LIST, Accept="text/html").status_code == 406


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://[", b"\xff"]
)
def test_a_page_of_another_origin_is_refused(tools: Served, origin: str | bytes) -> None:
    headers: dict[str, Any] = {**HEADERS, "Origin": origin}
    assert_problem(tools.client.post("/mcp", json=LIST, headers=headers), 403)


def test_a_page_of_the_doors_own_origin_is_not(tools: Served) -> None:
    door = {"Host": "box.lan:8443", "Origin": "https://box.lan:8443"}
    assert post(tools, LIST, **door).status_code == 200


def test_an_unknown_protocol_version_is_told(tools: Served) -> None:
    answer = post(tools, LIST, **{"MCP-Protocol-Version": "1999-01-01"})
    assert answer.status_code == 400
    assert "error" in answer.json()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["search", "whoami", "remember", "missing_document", "nothing", ""])
fields = st.sampled_from(["query", "limit", "pause", "text", "ctx", "self"])
arguments = st.dictionaries(fields, json_values, max_size=3)
calls = st.builds(
    lambda name, given: {**LIST, "method": "tools/call", "params": {"name": name, "arguments": given}},
    names | json_values,
    arguments | json_values,
)
messages = calls | st.fixed_dictionaries(
    {"jsonrpc": json_values | st.just("2.0"), "id": json_values, "method": json_values, "params": json_values}
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=messages | json_values, era=st.sampled_from([{}, MODERN]))
def test_no_message_is_answered_with_a_failure_of_ours(
    tools: Served, message: object, era: dict[str, str]
) -> None:
    answer = post(tools, message, **era)
    assert answer.status_code < 500
    if answer.status_code == 202:
        return
    found = answer.json()
    content = found.get("result", {}).get("content", [])
    if found.get("result", {}).get("isError"):
        assert json.loads(content[0]["text"])["status"] < 500
    assert found.get("error", {}).get("code") != -32603


@pytest.mark.parametrize("content", [b"{", b"{}", b"[]", b'{"jsonrpc": "1.0"}', b"7"])
def test_what_is_no_json_rpc_is_told_so_and_nothing_of_how_it_was_found(
    tools: Served, content: bytes
) -> None:
    answer = post(tools, content)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"] in ("Parse error", "Validation error"), answer.text
