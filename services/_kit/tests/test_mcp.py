"""The official MCP client against services on FastAPI and on aiohttp: keys, scopes, ids, failures."""

import asyncio
import dataclasses
import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal

import httpx
import pytest
from garrison_kit.mcp import Tools
from garrison_kit.options import Options
from kit_mcp import READER, SERVICE_KEY, WRITER, serving_tools, use_tools
from kit_servers import Served
from mcp import Client
from mcp_types import CallToolResult
from pydantic import Field

Mode = Literal["auto", "legacy"]
FRAMEWORKS = ("fastapi", "aiohttp")


@pytest.fixture(scope="module")
def many(options: Options) -> Options:
    return dataclasses.replace(options, rate=math.inf, max_body=64 * 1024, max_seconds=2.0)


@pytest.fixture(scope="module", params=FRAMEWORKS)
def tools(request: pytest.FixtureRequest, many: Options) -> Iterator[Served]:
    with serving_tools(request.param, many) as served:
        yield served


def call(
    served: Served, name: str, key: str = READER, mode: Mode = "auto", **arguments: Any
) -> CallToolResult:
    async def use(client: Client) -> CallToolResult:
        return await client.call_tool(name, arguments)

    return asyncio.run(use_tools(served.port, key, use, mode))


def post_call(served: Served, name: str, **arguments: Any) -> httpx.Response:
    """The same by hand: the official client asks more than one thing around a call."""
    params = {"name": name, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"X-API-Key": READER, "Accept": "application/json"}
    return served.client.post("/mcp", json=message, headers=headers, timeout=10)


def problem_of(result: CallToolResult) -> dict[str, Any]:
    assert result.is_error
    (content,) = result.content
    found: dict[str, Any] = json.loads(content.text)  # type: ignore[union-attr]
    assert len(found["error_id"]) == 12
    return found


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_calls_a_tool(tools: Served, mode: Mode) -> None:
    result = call(tools, "search", mode=mode, query="rust", limit=2)
    assert not result.is_error
    assert result.structured_content == {
        "result": [{"text": "rust", "score": 1.0}, {"text": "rust", "score": 0.5}]
    }


@pytest.mark.parametrize(
    ("key", "seen"),
    [
        (READER, {"search", "whoami", "missing_document", "sleep", "crash"}),
        (WRITER, {"search", "whoami", "missing_document", "sleep", "crash", "remember"}),
    ],
)
def test_a_client_sees_the_tools_that_it_may_call(tools: Served, key: str, seen: set[str]) -> None:
    listed = asyncio.run(use_tools(tools.port, key, lambda client: client.list_tools()))
    assert {tool.name for tool in listed.tools} == seen


def test_a_listed_tool_says_all_that_a_model_needs(tools: Served) -> None:
    listed = asyncio.run(use_tools(tools.port, READER, lambda client: client.list_tools()))
    search = next(tool for tool in listed.tools if tool.name == "search")
    assert search.description == "Find texts."
    assert search.input_schema["additionalProperties"] is False
    assert search.input_schema["properties"]["limit"]["description"] == "How many at most"
    assert search.annotations is not None
    assert search.annotations.read_only_hint


def test_the_server_introduces_itself(tools: Served) -> None:
    async def use(client: Client) -> tuple[str, str, str | None]:
        about = client.session.server_info
        assert about is not None
        return about.name, about.version, client.session.instructions

    told = asyncio.run(use_tools(tools.port, READER, use))
    assert told == ("demo", "9.9", "A demonstration: search first.")


def test_a_tool_needs_its_scope(tools: Served) -> None:
    problem = problem_of(call(tools, "remember", text="x"))
    assert (problem["status"], "write" in problem["detail"]) == (403, True)
    assert not call(tools, "remember", WRITER, text="x").is_error


def test_a_problem_of_a_tool_reaches_the_client_as_rest_would_show_it(tools: Served) -> None:
    problem = problem_of(call(tools, "missing_document"))
    assert (problem["status"], problem["detail"]) == (404, "There is no such document.")
    assert tools.lines(
        "problem", error_id=problem["error_id"], request_id=problem["request_id"], client="anna"
    )


def test_a_crash_shows_nothing_and_the_log_has_the_rest(tools: Served) -> None:
    result = call(tools, "crash")
    problem = problem_of(result)
    assert "secret" not in result.model_dump_json()
    (line,) = tools.lines("unexpected_error", error_id=problem["error_id"])
    assert "postgres://inside" in line["exception"]


@pytest.mark.parametrize(
    ("arguments", "where", "what"),
    [
        ({}, "query", "Field required"),
        ({"query": ""}, "query", "String should have at least 1 character"),
        ({"query": "a", "limit": 99}, "limit", "Input should be less than or equal to 10"),
        ({"query": "a", "limit": "many"}, "limit", "Input should be a valid integer"),
        ({"query": "a", "limti": 3}, "limti", "No such argument; did you mean 'limit'?"),
        ({"query": "a", "ctx": {}}, "ctx", "No such argument."),
    ],
)
def test_arguments_that_do_not_fit_are_named(
    tools: Served, arguments: dict[str, Any], where: str, what: str
) -> None:
    problem = problem_of(call(tools, "search", **arguments))
    assert problem["status"] == 422
    (error,) = problem["errors"]
    assert error["where"] == where
    assert error["what"].startswith(what)


def test_an_unknown_tool_is_an_error_with_a_hint_that_hides_what_is_hidden(tools: Served) -> None:
    assert problem_of(call(tools, "serch"))["detail"] == "There is no tool 'serch'; did you mean 'search'?"
    assert problem_of(call(tools, "remembr"))["detail"] == "There is no tool 'remembr'."


def test_each_of_many_calls_at_once_sees_its_own_client_request_and_trace(tools: Served) -> None:
    async def ask(number: int) -> tuple[str, str, dict[str, str]]:
        name, key = (("anna", READER), ("bert", WRITER))[number % 2]
        trace_id = f"{number + 1:032x}"
        result: CallToolResult = await use_tools(
            tools.port,
            key,
            lambda client: client.call_tool("whoami", {"pause": 0.05}),
            **{"X-Request-ID": f"request-{number}", "traceparent": f"00-{trace_id}-{'1' * 16}-01"},
        )
        assert result.structured_content is not None
        return name, trace_id, result.structured_content

    async def ask_all() -> list[tuple[str, str, dict[str, str]]]:
        return await asyncio.gather(*(ask(number) for number in range(50)))

    for number, (name, trace_id, seen) in enumerate(asyncio.run(ask_all())):
        ids = {"request_id": f"request-{number}", "in_thread": f"request-{number}"}
        assert seen == {"client": name, "trace_id": trace_id, **ids}
        assert tools.lines("asked", client=name, request_id=f"request-{number}", trace_id=trace_id)


def test_behind_the_services_key_a_tool_sees_the_client_that_the_door_let_in(tools: Served) -> None:
    result: CallToolResult = asyncio.run(
        use_tools(
            tools.port, SERVICE_KEY, lambda client: client.call_tool("whoami", {}), **{"X-Client": "anna"}
        )
    )
    assert result.structured_content is not None
    assert result.structured_content["client"] == "anna"


def test_each_call_is_a_line_of_the_log(tools: Served) -> None:
    call(tools, "whoami")
    assert tools.lines("tool_called", tool="whoami", is_error=False, client="anna")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_call_under_way_is_answered_before_the_server_stops(framework: str, many: Options) -> None:
    with serving_tools(framework, many) as served, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(post_call, served, "sleep", seconds=1)
        assert served.lines("asleep")
        served.stop()
        assert asked.result().json()["result"]["content"][0]["text"] == "slept"


def test_a_tool_that_takes_too_long_is_cancelled(tools: Served) -> None:
    answer = post_call(tools, "sleep", seconds=60)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "application/problem+json")
    assert tools.lines("woken", request_id=answer.headers["x-request-id"])


def test_a_tool_that_a_model_would_have_to_guess_at_is_refused() -> None:
    tools = Tools("demo", "1", "")

    async def silent(text: Annotated[str, Field(description="A text")]) -> str:
        return text

    async def vague(text: str) -> str:
        """Do it."""
        return text

    def blocking() -> str:
        """Do it."""
        return ""

    async def twice() -> str:
        """Do it."""
        return ""

    with pytest.raises(TypeError, match="silent: give it a docstring"):
        tools.tool()(silent)
    with pytest.raises(TypeError, match="vague: describe text"):
        tools.tool()(vague)
    with pytest.raises(TypeError, match="blocking: make it an async function"):
        tools.tool()(blocking)  # type: ignore[arg-type] # the mistake that is tested
    tools.tool()(twice)
    with pytest.raises(TypeError, match="two tools twice"):
        tools.tool()(twice)
