"""MCP: the official client lists and calls every tool of whoever has tools, and is refused without a key."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp_types import CallToolResult, Tool

from tests.contract.conftest import As
from tests.contract.first_party import FirstParty
from tests.contract.keys import WRONG, Keys
from tests.contract.mcp_client import PATH, connected
from tests.contract.problems import assert_problem, find_leak
from tests.contract.samples import sample


def has_tools(service: FirstParty, client: httpx.Client) -> bool:
    """Whether anything is served where tools are."""
    return client.post(f"{service.prefix}{PATH}", json={}).status_code != 404


@pytest.fixture
def url(service: FirstParty, door: str) -> str:
    """Where the tools of a service are that has some."""
    return f"{door}{service.prefix}"


def test_a_service_has_tools_where_its_readme_says_so(service: FirstParty, client: httpx.Client) -> None:
    assert has_tools(service, client) == service.promises_tools


def list_tools(url: str, key: str | None, authority: Path) -> list[Tool]:
    """The tools that a client with that key sees."""

    async def ask() -> list[Tool]:
        async with connected(url, key, authority) as client:
            return list((await client.list_tools()).tools)

    return asyncio.run(ask())


def call_tool(url: str, key: str, authority: Path, name: str, arguments: dict[str, Any]) -> CallToolResult:
    """What a tool answers. Raises what the SDK raises when the protocol fails."""

    async def ask() -> CallToolResult:
        async with connected(url, key, authority) as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(ask())


def test_every_tool_is_listed_and_described(url: str, keys: Keys, authority: Path) -> None:
    tools = list_tools(url, keys.every, authority)
    assert tools
    for tool in tools:
        assert tool.description, tool.name
        for name, said in tool.input_schema.get("properties", {}).items():
            assert said.get("description"), f"{tool.name}: {name} isn't described"


def test_every_tool_answers(
    service: FirstParty, url: str, keys: Keys, authority: Path, subtests: pytest.Subtests
) -> None:
    for tool in list_tools(url, keys.every, authority):
        with subtests.test(msg=f"{service.name} {tool.name}"):
            arguments = sample(tool.input_schema, tool.input_schema)
            assert_sound(call_tool(url, keys.every, authority, tool.name, arguments), arguments)


def test_arguments_that_do_not_fit_are_an_error_result(
    service: FirstParty, url: str, keys: Keys, authority: Path, subtests: pytest.Subtests
) -> None:
    wrong = {"nobody_knows_this": {"x": [None]}}
    for tool in list_tools(url, keys.every, authority):
        with subtests.test(msg=f"{service.name} {tool.name}"):
            result = call_tool(url, keys.every, authority, tool.name, wrong)
            assert result.is_error
            assert_sound(result, wrong)


def assert_sound(result: CallToolResult, arguments: dict[str, Any]) -> None:
    """It says something; an error says nothing of the inside. What is found may quote whatever was stored."""
    text = json.dumps(result.model_dump(mode="json"))
    assert result.content or result.structured_content is not None, text
    if result.is_error:
        assert find_leak(text, json.dumps(arguments)) is None, text[:1000]


def test_a_client_sees_the_tools_that_its_scopes_let_it_call(url: str, keys: Keys, authority: Path) -> None:
    every = {tool.name for tool in list_tools(url, keys.every, authority)}
    assert {tool.name for tool in list_tools(url, keys.read, authority)} <= every


@pytest.mark.parametrize("key", [None, WRONG], ids=["no key", "a wrong key"])
def test_the_official_client_is_refused_without_a_key(url: str, authority: Path, key: str | None) -> None:
    statuses: list[int] = []

    async def ask() -> None:
        async with connected(url, key, authority, statuses):
            pass

    # A group of groups: which kinds are in it is the SDK's own affair, so the wire tells why.
    with pytest.raises(ExceptionGroup):
        asyncio.run(ask())
    assert set(statuses) == {401}


@pytest.mark.parametrize("body", [b"{", b"{}", b"[]", b'{"jsonrpc": "1.0"}', b"\xff"])
def test_what_is_no_json_rpc_is_refused(
    service: FirstParty, url: str, client: httpx.Client, body: bytes
) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    del url
    assert client.post(f"{service.prefix}{PATH}", headers=headers, content=body).status_code in (400, 422)


def test_a_revoked_key_calls_nothing(service: FirstParty, url: str, as_client: As, keys: Keys) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    del url
    assert_problem(as_client(keys.revoked).post(f"{service.prefix}{PATH}", json=call), 401)
