"""The OpenAPI document that each adapter serves, and what it says of the same three handlers."""

from collections.abc import Iterator
from typing import Any

import pytest
from garrison_kit.openapi import Operation, build, describe
from kit_demo import Note, Page
from kit_servers import ServedProcess

AS_READER = {"X-API-Key": "gk_reader"}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def document(served: ServedProcess) -> Json:
    answer = served.client.get("/openapi.json", headers=AS_READER)
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


def resolve(document: Json, schema: Json) -> Json:
    """What a reference leads to. Raises KeyError for one that leads nowhere."""
    while "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def references(part: object) -> Iterator[Json]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_needs_a_key_like_the_rest(served: ServedProcess) -> None:
    assert served.client.get("/openapi.json").status_code == 401


def test_it_names_the_service_and_its_own_routes_only(document: Json) -> None:
    assert (document["openapi"][:3], document["info"]["title"], document["info"]["version"]) == (
        "3.1",
        "demo",
        "9.9",
    )
    assert {"/notes", "/notes/search", "/notes/{number}", "/who"} <= document["paths"].keys()
    assert not {"/health/live", "/health/ready", "/metrics", "/openapi.json"} & document["paths"].keys()


def test_every_reference_leads_somewhere(document: Json) -> None:
    found = list(references(document))
    assert found
    assert all(resolve(document, one) for one in found)
    assert "#/$defs" not in str(document)


def test_every_operation_has_problems_keys_and_a_scope(document: Json) -> None:
    for item in document["paths"].values():
        for operation in item.values():
            for status in ("4XX", "5XX"):
                answer = resolve(document, operation["responses"][status])
                assert answer["content"].keys() == {"application/problem+json"}
            assert operation["security"] == [{"ApiKey": []}, {"Bearer": []}]
            assert operation["x-scope"] in ("read", "write", "admin")
            assert "422" not in operation["responses"]


def test_a_handler_with_a_scope_of_its_own_shows_it(document: Json) -> None:
    assert document["paths"]["/notes/search"]["post"]["x-scope"] == "read"
    assert document["paths"]["/notes/{number}"]["post"]["x-scope"] == "write"


def test_a_body_has_its_model_with_the_models_within(document: Json) -> None:
    body = document["paths"]["/notes/{number}"]["post"]["requestBody"]
    assert body["required"] is True
    note = resolve(document, body["content"]["application/json"]["schema"])
    assert note["required"] == ["text"]
    assert resolve(document, note["properties"]["places"]["items"])["properties"].keys() == {"name"}


def test_an_answer_has_its_status_and_model(document: Json) -> None:
    created = document["paths"]["/notes/{number}"]["post"]["responses"]["201"]
    answer = resolve(document, created["content"]["application/json"]["schema"])
    assert answer["properties"].keys() == {"text", "number"}


def test_a_query_has_its_parameters_with_their_bounds(document: Json) -> None:
    listed = document["paths"]["/notes"]["get"]["parameters"]
    parameters = {one["name"]: one for one in listed}
    assert {name: one["in"] for name, one in parameters.items()} == dict.fromkeys(Page.model_fields, "query")
    assert not any(one.get("required") for one in listed)
    assert (parameters["limit"]["schema"]["minimum"], parameters["limit"]["schema"]["maximum"]) == (1, 100)
    assert parameters["tag"]["schema"]["type"] == "array"


def test_each_part_of_a_path_is_a_parameter(document: Json) -> None:
    (number,) = document["paths"]["/notes/{number}"]["get"]["parameters"]
    assert (number["name"], number["in"], number["required"]) == ("number", "path", True)


@pytest.mark.parametrize(
    ("given", "status", "wanted"),
    [
        ("", 200, {"limit": 10, "tag": [], "after": None}),
        ("?limit=5&tag=a&tag=b&after=7", 200, {"limit": 5, "tag": ["a", "b"], "after": 7}),
        ("?limit=0", 422, "limit"),
        ("?limit=ten", 422, "limit"),
        ("?limt=5", 422, "limt"),
    ],
)
def test_a_query_is_checked_by_its_model(served: ServedProcess, given: str, status: int, wanted) -> None:
    answer = served.client.get(f"/notes{given}", headers=AS_READER)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json() == wanted
    else:
        assert answer.json()["errors"][0]["where"].endswith(wanted)


def test_two_models_of_one_name_are_told_apart() -> None:
    class Other:
        class Note(Note):
            """Another of that name."""

            extra: int

    @describe(body=Note, answer=Other.Note)
    def handler() -> None: ...

    built = build("demo", "1", [Operation(method="POST", path="/x", endpoint=handler, parameters={})])
    operation = built["paths"]["/x"]["post"]
    taken = resolve(built, operation["requestBody"]["content"]["application/json"]["schema"])
    given = resolve(built, operation["responses"]["200"]["content"]["application/json"]["schema"])
    assert "extra" in given["properties"]
    assert "extra" not in taken["properties"]
