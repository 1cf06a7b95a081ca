"""Whatever comes in, the answer is what was asked for or a problem document; never a 500."""

import json
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
from aidb_stack import Aidb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROWS = tomllib.loads(Path(__file__).with_name("bad_input.toml").read_text())["rows"]
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def build_body(row: dict[str, Any]) -> bytes | None:
    """The bytes of a row: in ``raw`` and ``repeat`` each character is one byte."""
    if "body" in row:
        return json.dumps(row["body"]).encode()
    if "raw" not in row and "repeat" not in row:
        return None
    parts = (
        row.get("raw", ""),
        row.get("repeat", "") * row.get("times", 0),
        row.get("end", ""),
        row.get("close", "") * row.get("times", 0),
        row.get("tail", ""),
    )
    text = "".join(parts)
    return (
        text.encode("latin-1").decode("unicode_escape").encode("latin-1") if "\\x" in text else text.encode()
    )


def assert_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["error_id"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_bad_input_gets_a_problem_document_of_the_right_status(aidb: Aidb, row: dict[str, Any]) -> None:
    kind = row.get("type", "application/json")
    answer = aidb.http.request(
        row.get("method", "POST"),
        row["path"],
        content=build_body(row),
        headers={"Content-Type": kind} if kind and row.get("method", "POST") != "GET" else {},
    )
    if row["status"] == "4xx":
        assert 400 <= answer.status_code < 500, answer.text
    else:
        assert answer.status_code == row["status"], answer.text
    assert_problem(answer)


ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(ANY_TEXT, inner, max_size=4)),
    max_leaves=8,
)


def bodies_like(example: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The example with some of its values replaced by anything."""
    return st.fixed_dictionaries(
        {name: st.one_of(st.just(value), ANY_JSON) for name, value in example.items()}
    )


SEARCH = {
    "query": "x",
    "limit": 3,
    "offset": 0,
    "project": "p",
    "min_score": 0.1,
    "mode": "hybrid",
    "group": "chunk",
}
DOCUMENT = {
    "project": "fuzz",
    "path": "p",
    "title": "t",
    "content": "c",
    "collection": "c",
    "metadata": {"a": 1},
}


def send(aidb: Aidb, path: str, body: bytes) -> None:
    answer = aidb.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, (answer.text, body)
    if answer.status_code >= 400:
        assert_problem(answer)


@FUZZ
@given(bodies_like(SEARCH))
def test_no_search_like_body_breaks_the_service(aidb: Aidb, body: dict[str, Any]) -> None:
    send(aidb, "/search", json.dumps(body).encode())


@FUZZ
@given(bodies_like(DOCUMENT))
def test_no_document_like_body_breaks_the_service(aidb: Aidb, body: dict[str, Any]) -> None:
    send(aidb, "/documents", json.dumps(body).encode())


@FUZZ
@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["text", "hybrid"]))
def test_no_text_breaks_import_or_search(aidb: Aidb, content: str, query: str, mode: str) -> None:
    send(aidb, "/documents", json.dumps({**DOCUMENT, "content": content, "title": query}).encode())
    send(aidb, "/search", json.dumps({"query": query, "mode": mode}).encode())


@FUZZ
@given(
    st.sampled_from(["/search", "/documents", "/documents/batch", "/vector/embed"]), st.binary(max_size=200)
)
def test_no_bytes_break_the_service(aidb: Aidb, path: str, body: bytes) -> None:
    send(aidb, path, body)
