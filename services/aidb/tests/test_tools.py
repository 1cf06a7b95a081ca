"""Tools are registered by writers, enabled by admins, and never run."""

from typing import Any

import pytest
from aidb_stack import Aidb

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def make_tool(name: str, **changes: object) -> dict[str, Any]:
    return {
        "name": name,
        "description": "Says how the weather is",
        "input_schema": SCHEMA,
        "service": "weather",
        "endpoint": "/forecast",
        **changes,
    }


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A tool's name of the test's own."""
    return str(request.node.originalname)[:100]


def test_a_registered_tool_is_shown_once_an_admin_has_enabled_it(aidb: Aidb, name: str) -> None:
    answer = aidb.http.post("/tools", json=make_tool(name))
    assert (answer.status_code, answer.json()["enabled"]) == (201, False)
    assert aidb.reader.get(f"/tools/{name}").status_code == 404
    assert aidb.admin.post(f"/tools/{name}/enable").json()["enabled"] is True
    assert aidb.reader.get(f"/tools/{name}").json()["input_schema"] == SCHEMA
    assert aidb.admin.post(f"/tools/{name}/disable").json()["enabled"] is False
    assert aidb.reader.get(f"/tools/{name}").status_code == 404
    assert aidb.admin.get(f"/tools/{name}").status_code == 200


@pytest.mark.parametrize("change", [{"endpoint": "https://evil.example/"}, {"description": "x"}], ids=str)
def test_a_changed_tool_has_to_be_enabled_again(aidb: Aidb, name: str, change: dict[str, Any]) -> None:
    name = f"{name}.{next(iter(change))}"
    aidb.http.post("/tools", json=make_tool(name))
    aidb.admin.post(f"/tools/{name}/enable")
    assert aidb.http.post("/tools", json=make_tool(name)).json()["outcome"] == "unchanged"
    assert aidb.reader.get(f"/tools/{name}").status_code == 200
    changed = aidb.http.post("/tools", json=make_tool(name, **change))
    assert (changed.status_code, changed.json()["enabled"]) == (200, False)
    assert aidb.reader.get(f"/tools/{name}").status_code == 404


def test_the_minimal_list_leaves_out_what_is_needed_only_to_call(aidb: Aidb, name: str) -> None:
    aidb.http.post("/tools", json=make_tool(name, tags=["listed"]))
    aidb.admin.post(f"/tools/{name}/enable")
    minimal, full = (
        aidb.reader.get("/tools", params={"tag": "listed", "mode": mode}).json()
        for mode in ("minimal", "full")
    )
    assert set(minimal["tools"][0]) == {"name", "description", "service", "tags", "enabled"}
    assert full["tools"][0]["input_schema"] == SCHEMA
    assert (minimal["count"], minimal["mode"], full["mode"]) == (1, "minimal", "full")


def test_tools_are_found_by_words(aidb: Aidb, name: str) -> None:
    for kind in ("barometer", "thermometer"):
        aidb.http.post("/tools", json=make_tool(f"{name}-{kind}", description=f"Reads the {kind}"))
        aidb.admin.post(f"/tools/{name}-{kind}/enable")
    found = aidb.reader.get("/tools", params={"query": "barometers"}).json()
    assert [tool["name"] for tool in found["tools"]] == [f"{name}-barometer"]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string"},
        {"type": "objekt"},
        {"type": "object", "properties": []},
        {"type": "object", "required": "city"},
        {"type": "object", "properties": {"a": {"minimum": "low"}}},
        {"type": "object", "$schema": "https://example.org/my-own"},
        {"type": "object", "$schema": 7},
        {"type": "object", "description": "x" * 40_000},
        {"type": "object", "properties": {"a": {"pattern": "("}}, "required": [1]},
        [],
        "object",
        None,
    ],
    ids=lambda schema: str(schema)[:60],
)
def test_what_is_no_schema_of_an_object_is_refused(aidb: Aidb, schema: object) -> None:
    answer = aidb.http.post("/tools", json=make_tool("no-schema", input_schema=schema))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["where"] == "body.input_schema"


def test_a_schema_that_refers_elsewhere_is_kept_and_not_fetched(aidb: Aidb, name: str) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}
    assert aidb.http.post("/tools", json=make_tool(name, input_schema=schema)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/tools/x/enable"), ("POST", "/tools/x/disable"), ("DELETE", "/tools/x")]
)
def test_only_an_admin_enables_and_removes(aidb: Aidb, method: str, path: str) -> None:
    assert aidb.http.request(method, path).status_code == 403
    assert aidb.admin.request(method, path).status_code == 404


def test_a_removed_tool_is_gone(aidb: Aidb, name: str) -> None:
    aidb.http.post("/tools", json=make_tool(name))
    assert aidb.admin.delete(f"/tools/{name}").status_code == 204
    assert aidb.admin.get(f"/tools/{name}").status_code == 404


def test_only_an_admin_sees_what_is_not_enabled(aidb: Aidb) -> None:
    assert aidb.http.get("/tools", params={"include_disabled": "true"}).status_code == 403
    assert aidb.admin.get("/tools", params={"include_disabled": "true"}).status_code == 200


def test_nothing_runs_a_tool(aidb: Aidb) -> None:
    assert aidb.admin.post("/tools/execute", json={"tool_name": "x"}).status_code in (404, 405)
