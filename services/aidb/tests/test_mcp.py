"""The official MCP client finds the tools, calls them, and is refused without a key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import httpx2
import pytest
from aidb_stack import Aidb
from aidb_testbed import ADMIN, READER, WRITER
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

READING = {
    "search_documents",
    "get_document",
    "list_documents",
    "embed_texts",
    "get_stats",
    "get_telemetry",
    "list_skills",
    "get_skill",
    "list_tools",
    "get_tool",
}
WRITING = {"import_document", "submit_skill"}
Result = TypeVar("Result")


def ask(aidb: Aidb, key: str, use: Callable[[Client], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60) as http,
            Client(streamable_http_client(f"{aidb.url}/mcp", http_client=http)) as client,
        ):
            return await use(client)

    return asyncio.run(run())


def call(aidb: Aidb, key: str, name: str, /, **arguments: Any) -> CallToolResult:
    return ask(aidb, key, lambda client: client.call_tool(name, arguments))


def content(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result
    assert result.structured_content is not None
    return result.structured_content


@pytest.mark.parametrize(
    ("key", "seen"), [(READER, READING), (WRITER, READING | WRITING), (ADMIN, READING | WRITING)]
)
def test_a_client_sees_the_tools_that_it_may_call(aidb: Aidb, key: str, seen: set[str]) -> None:
    listed = ask(aidb, key, lambda client: client.list_tools())
    assert {tool.name for tool in listed.tools} == seen


def test_a_document_imported_over_mcp_is_found_over_mcp_and_rest(aidb: Aidb, project: str) -> None:
    given = {"project": project, "path": "a", "title": "Birds", "content": "A bittern booms in the reeds."}
    stored = content(call(aidb, WRITER, "import_document", **given))
    assert stored["status"] == "created"
    found = content(call(aidb, READER, "search_documents", query="bittern", project=project))
    rest = aidb.reader.post("/search", json={"query": "bittern", "project": project}).json()
    assert found["results"] == rest["results"]
    assert found["results"][0]["document_id"] == stored["id"]
    read = content(call(aidb, READER, "get_document", document_id=stored["id"]))
    assert read["content"] == given["content"]
    listed = content(call(aidb, READER, "list_documents", project=project))
    assert [document["id"] for document in listed["documents"]] == [stored["id"]]


def test_a_skill_proposed_over_mcp_waits_for_an_admin(aidb: Aidb) -> None:
    given = {"slug": "over-mcp", "name": "n", "description": "d", "content": "# c"}
    assert content(call(aidb, WRITER, "submit_skill", **given))["status"] == "pending"
    assert call(aidb, READER, "get_skill", slug="over-mcp").is_error
    aidb.admin.post("/skills/over-mcp/approve")
    assert content(call(aidb, READER, "get_skill", slug="over-mcp"))["content"] == "# c"
    listed = content(call(aidb, READER, "list_skills"))
    assert "over-mcp" in {skill["slug"] for skill in listed["skills"]}


def test_the_registry_is_read_over_mcp(aidb: Aidb) -> None:
    tool = {
        "name": "over-mcp",
        "description": "d",
        "input_schema": {"type": "object"},
        "service": "s",
        "endpoint": "/e",
    }
    aidb.http.post("/tools", json=tool)
    aidb.admin.post("/tools/over-mcp/enable")
    listed = content(call(aidb, READER, "list_tools", mode="full"))
    assert "over-mcp" in {one["name"] for one in listed["tools"]}
    assert content(call(aidb, READER, "get_tool", name="over-mcp"))["endpoint"] == "/e"


def test_the_small_tools_answer(aidb: Aidb) -> None:
    assert content(call(aidb, READER, "get_stats"))["dimension"] == 384
    assert content(call(aidb, READER, "get_telemetry"))["events"] >= 0
    assert len(content(call(aidb, READER, "embed_texts", texts=["a", "b"]))["embeddings"]) == 2


@pytest.mark.parametrize(
    ("key", "name", "arguments", "status"),
    [
        (READER, "import_document", {"project": "p", "path": "a", "title": "t", "content": "c"}, 403),
        (READER, "get_document", {"document_id": 999_999}, 404),
        (READER, "get_document", {"document_id": 0}, 422),
        (READER, "get_document", {"document_id": "x"}, 422),
        (READER, "search_documents", {"query": " "}, 422),
        (READER, "search_documents", {"query": "x", "lmit": 1}, 422),
        (READER, "search_documents", {"query": "x\x00"}, 422),
        (READER, "search_documents", {"query": "x", "limit": 10**30}, 422),
        (READER, "get_skill", {"slug": "../x"}, 422),
        (WRITER, "import_document", {"project": "p", "path": "a", "title": "t", "content": "c\x00"}, 422),
        (
            WRITER,
            "import_document",
            {"project": "p", "path": "a", "title": "t", "content": "c", "content_type": "x"},
            422,
        ),
        (
            WRITER,
            "import_document",
            {"project": "p", "path": "a", "title": "t", "content": "c", "metadata": {"a": 10**25}},
            422,
        ),
        (WRITER, "approve_skill", {"slug": "x"}, 404),
    ],
)
def test_a_call_that_fails_says_why_in_a_problem(
    aidb: Aidb, key: str, name: str, arguments: dict[str, Any], status: int
) -> None:
    result = call(aidb, key, name, **arguments)
    assert result.is_error
    problem = json.loads(result.content[0].text)  # type: ignore[union-attr] # our problems are texts
    assert (problem["status"], len(problem["error_id"])) == (status, 12)


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "gk_wrong"}], ids=["no key", "a wrong key"])
def test_without_a_key_there_is_no_mcp(aidb: Aidb, headers: dict[str, str]) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = httpx.post(f"{aidb.url}/mcp", json=message, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error_id"]
