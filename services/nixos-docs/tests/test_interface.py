"""What clients and tools are told of the service: its document, its tools, its refusals."""

import json
from typing import Any

import pytest
from docs_testbed import ADMIN, READER, Docs


def call(docs: Docs, tool: str, key: str = ADMIN, **arguments: Any) -> dict[str, Any]:
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    }
    with docs.client(key) as client:
        answer = client.post("/mcp", json=message, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["result"])


def list_tools(docs: Docs, key: str) -> set[str]:
    with docs.client(key) as client:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        answer = client.post("/mcp", json=message, headers={"Accept": "application/json"})
    return {tool["name"] for tool in answer.json()["result"]["tools"]}


READING = {"search_docs", "search_packages", "search_options", "list_sources", "read_page"}


def test_an_admin_sees_one_tool_more(docs: Docs) -> None:
    assert list_tools(docs, READER) == READING
    assert list_tools(docs, ADMIN) == READING | {"sync"}


CALLS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "docs": ("search_docs", {"query": "garbage"}, "/search", "results"),
    "docs of one pack": ("search_docs", {"query": "garbage", "sources": ["manual"]}, "/search", "results"),
    "packages": ("search_packages", {"name": "ripgrep"}, "/packages/search", "packages"),
    "options": ("search_options", {"option": "nginx"}, "/options/search", "options"),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_tool_finds_what_rest_finds(docs: Docs, what: str) -> None:
    tool, arguments, path, key = CALLS[what]
    assert call(docs, tool, **arguments)["structuredContent"][key] == docs.found(path, **arguments)[key]


def test_a_hit_leads_to_its_page(docs: Docs) -> None:
    hit = call(docs, "search_docs", query="lock inputs")["structuredContent"]["results"][0]
    page = call(docs, "read_page", source=hit["source"], path=hit["metadata"]["path"])["structuredContent"]
    assert "nix flake lock" in page["text"]


def test_a_tools_failure_is_a_problem(docs: Docs) -> None:
    for name, key, arguments in (
        ("read_page", ADMIN, {"source": "manual", "path": "none"}),
        ("sync", READER, {}),
        ("sync", ADMIN, {"sources": ["none"]}),
        ("search_docs", READER, {"query": "->"}),
    ):
        result = call(docs, name, key, **arguments)
        assert result["isError"]
        assert json.loads(result["content"][0]["text"])["error_id"]


def test_a_sync_by_a_tool_says_what_it_brought(docs: Docs) -> None:
    [synced] = call(docs, "sync", sources=["other"])["structuredContent"]["results"]
    assert (synced["source"], synced["entries"]) == ("other", 2)


BAD: dict[str, tuple[str, bytes, int]] = {
    "no JSON": ("/search", b"{", 400),
    "no query": ("/search", b"{}", 422),
    "an unknown field": ("/search", b'{"query": "x", "channel": "y"}', 422),
    "a query of another type": ("/search", b'{"query": 1}', 422),
    "an empty query": ("/search", b'{"query": ""}', 422),
    "a long query": ("/search", json.dumps({"query": "x" * 1001}).encode(), 422),
    "a NUL": ("/search", b'{"query": "a\\u0000b"}', 422),
    "half a surrogate": ("/packages/search", b'{"name": "\\ud800"}', 422),
    "no page": ("/search", b'{"query": "x", "limit": 0}', 422),
    "a page too large": ("/search", b'{"query": "x", "limit": 101}', 422),
    "a page before the first": ("/search", b'{"query": "x", "offset": -1}', 422),
    "a page too far": ("/search", b'{"query": "x", "offset": 10001}', 422),
    "an offset that is true": ("/search", b'{"query": "x", "offset": true}', 422),
    "a limit that is text": ("/packages/search", b'{"name": "x", "limit": "5"}', 422),
    "no source": ("/search", b'{"query": "x", "sources": []}', 422),
    "a source that is a URL": ("/search", b'{"query": "x", "sources": ["https://evil.example/"]}', 422),
    "a sync of a URL": ("/sync", b'{"sources": ["https://evil.example/"]}', 422),
    "a sync of what isn't listed": ("/sync", b'{"sources": ["none"]}', 404),
    "a body too large": ("/search", json.dumps({"query": "x" * 70_000}).encode(), 413),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_a_problem(docs: Docs, what: str) -> None:
    path, body, status = BAD[what]
    answer = docs.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_document_lists_every_route(docs: Docs) -> None:
    document = docs.http.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/search",
        "/packages/search",
        "/options/search",
        "/sources",
        "/pages/{pack}/{path}",
        "/sync",
    }


def test_metrics_count_syncs_and_entries(docs: Docs) -> None:
    text = docs.http.get("/metrics").text
    assert 'nixos_docs_syncs_total{pack="manual",result="ok"}' in text
    assert 'nixos_docs_pack_entries{pack="nixpkgs"} 8.0' in text


def test_without_a_key_nothing_is_told(docs: Docs) -> None:
    with docs.client("gk_nobody") as nobody:
        for path in ("/sources", "/openapi.json", "/pages/manual/guide/flakes.md"):
            assert nobody.get(path).status_code == 401
