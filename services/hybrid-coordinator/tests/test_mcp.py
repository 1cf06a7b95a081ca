"""The official client lists and calls every tool, with the scopes of its key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest
from hybrid_stack import Hybrid
from hybrid_testbed import ADMIN, READER, WRITER
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

READING = {"augment_query", "search_context"}
WRITING = READING | {"track_interaction", "update_outcome"}
Result = TypeVar("Result")


def with_client(hybrid: Hybrid, key: str, use: Callable[[Any], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with httpx.AsyncClient(headers={"X-API-Key": key}, timeout=60, trust_env=False) as http:
            transport = streamable_http_client(f"{hybrid.url}/mcp", http_client=http)
            async with Client(transport) as client:
                return await use(client)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("key", "names"),
    [(READER, READING), (WRITER, WRITING), (ADMIN, WRITING | {"generate_training_data"})],
    ids=["read", "write", "admin"],
)
def test_a_client_sees_the_tools_of_its_scopes(hybrid: Hybrid, key: str, names: set[str]) -> None:
    async def use(client: Any) -> set[str]:
        return {tool.name for tool in (await client.list_tools()).tools}

    assert with_client(hybrid, key, use) == names


def test_every_tool_does_its_work(hybrid: Hybrid) -> None:
    async def use(client: Any) -> list[Any]:
        async def call(name: str, **arguments: Any) -> Any:
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result.content
            return result.structured_content

        answer = (
            "1. Run `badger --groom`.\n2. Wait. The badger is groomed when it is quiet, which takes a minute."
        )
        kept = await call("track_interaction", query="How do I groom a badger?", response=answer)
        updated = await call("update_outcome", interaction_id=kept["id"], outcome="success")
        augmented = await call("augment_query", query="groom a badger, how?")
        found = await call("search_context", query="groom a badger", limit=1)
        data = await call("generate_training_data", limit=5)
        return [kept, updated, augmented, found, data]

    kept, updated, augmented, found, data = with_client(hybrid, ADMIN, use)
    assert updated["is_high_value"]
    assert augmented["context_ids"] == [kept["id"]]
    assert found["results"][0]["id"] == kept["id"]
    assert [one["id"] for one in data["result"]] == [kept["id"]]


def test_what_goes_wrong_is_an_error_result_that_says_so(hybrid: Hybrid) -> None:
    async def use(client: Any) -> Any:
        arguments = {"interaction_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "outcome": "success"}
        return await client.call_tool("update_outcome", arguments)

    result = with_client(hybrid, WRITER, use)
    assert result.is_error
    problem = json.loads(result.content[0].text)
    assert (problem["status"], len(problem["error_id"])) == (404, 12)


def test_without_a_key_there_is_no_mcp(hybrid: Hybrid) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx.post(f"{hybrid.url}/mcp", json=body).status_code == 401
