"""Documents come in, are listed, replaced and deleted."""

import hashlib
from typing import Any

import httpx
import pytest
from aidb_stack import Aidb
from aidb_testbed import READER


def make_document(project: str, path: str = "a.txt", **changes: object) -> dict[str, Any]:
    content = "The heron stands in the shallow water and waits for a fish."
    return {"project": project, "path": path, "title": "Birds", "content": content, **changes}


def test_a_new_document_is_created_and_can_be_read(aidb: Aidb, project: str) -> None:
    given = make_document(project, metadata={"pages": [1, 2.5, None, "ü"]}, collection="birds")
    answer = aidb.http.post("/documents", json=given)
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "created"
    assert answer.json()["chunks"] == 1
    stored = aidb.http.get(f"/documents/{answer.json()['id']}").json()
    assert {name: stored[name] for name in given} == given
    assert stored["checksum"] == hashlib.sha256(given["content"].encode()).hexdigest()


def test_a_document_sent_again_is_unchanged(aidb: Aidb, project: str) -> None:
    first = aidb.http.post("/documents", json=make_document(project)).json()
    answer = aidb.http.post("/documents", json=make_document(project))
    assert (answer.status_code, answer.json()) == (200, {**first, "status": "unchanged"})


@pytest.mark.parametrize(
    "change",
    [{"content": "Another text."}, {"title": "Fish"}, {"collection": "x"}, {"metadata": {"a": 1}}],
    ids=str,
)
def test_a_changed_document_replaces_the_old_one(aidb: Aidb, project: str, change: dict[str, Any]) -> None:
    path = next(iter(change))
    first = aidb.http.post("/documents", json=make_document(project, path)).json()
    answer = aidb.http.post("/documents", json=make_document(project, path, **change))
    assert (answer.status_code, answer.json()["status"]) == (200, "updated")
    assert answer.json()["id"] == first["id"]
    stored = aidb.http.get(f"/documents/{first['id']}").json()
    assert {name: stored[name] for name in change} == change
    assert stored["updated_at"] > stored["created_at"]


def test_a_shorter_text_leaves_no_chunk_of_the_longer_one(aidb: Aidb, project: str) -> None:
    aidb.http.post("/documents", json=make_document(project, content="A long story about a quokka. " * 200))
    aidb.http.post("/documents", json=make_document(project, content="Short."))
    query = {"query": "quokka", "mode": "text", "project": project, "group": "chunk"}
    assert aidb.http.post("/search", json=query).json()["total"] == 0


def test_a_checksum_that_does_not_match_is_refused(aidb: Aidb, project: str) -> None:
    answer = aidb.http.post("/documents", json=make_document(project, checksum="0" * 64))
    assert answer.status_code == 422
    assert "checksum" in answer.json()["errors"][0]["what"]


def test_a_batch_is_stored_in_the_order_given(aidb: Aidb, project: str) -> None:
    documents = [make_document(project, f"{number}.txt", content=f"Text {number}.") for number in (3, 1, 2)]
    answer = aidb.http.post("/documents/batch", json={"documents": documents}).json()
    assert [result["path"] for result in answer["results"]] == ["3.txt", "1.txt", "2.txt"]
    assert (answer["created"], answer["updated"], answer["unchanged"]) == (3, 0, 0)
    documents[0] = {**documents[0], "content": "Text 4."}
    again = aidb.http.post("/documents/batch", json={"documents": documents}).json()
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 1, 2)


@pytest.mark.parametrize("second", ["a.txt", ""], ids=["a repeated path", "a bad document"])
def test_a_batch_with_one_fault_stores_nothing(aidb: Aidb, project: str, second: str) -> None:
    documents = [make_document(project, "a.txt"), make_document(project, second)]
    assert aidb.http.post("/documents/batch", json={"documents": documents}).status_code == 422
    assert aidb.http.get("/documents", params={"project": project}).json()["total"] == 0


def test_the_list_is_paged_in_a_stable_order(aidb: Aidb, project: str) -> None:
    documents = [make_document(project, f"{number}.txt", content=f"Text {number}.") for number in range(25)]
    aidb.http.post("/documents/batch", json={"documents": documents})
    pages = [
        aidb.http.get("/documents", params={"project": project, "limit": 10, "offset": offset}).json()
        for offset in (0, 10, 20, 30)
    ]
    ids = [document["id"] for page in pages for document in page["documents"]]
    assert ids == sorted(set(ids))
    assert len(ids) == 25
    assert [page["has_more"] for page in pages] == [True, True, False, False]
    assert {page["total"] for page in pages} == {25}


def test_a_deleted_document_is_gone_from_list_and_search(aidb: Aidb, project: str) -> None:
    document = aidb.http.post("/documents", json=make_document(project)).json()
    assert aidb.http.delete(f"/documents/{document['id']}").status_code == 204
    assert aidb.http.get(f"/documents/{document['id']}").status_code == 404
    assert aidb.http.delete(f"/documents/{document['id']}").status_code == 404
    found = aidb.http.post("/search", json={"query": "heron", "project": project}).json()
    assert found["results"] == []


def test_the_content_is_left_out_on_request(aidb: Aidb, project: str) -> None:
    document = aidb.http.post("/documents", json=make_document(project)).json()
    answer = aidb.http.get(f"/documents/{document['id']}", params={"content": "false"}).json()
    assert "content" not in answer


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("gk_wrong", 401), (READER, 403)])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/documents"), ("POST", "/documents/batch"), ("DELETE", "/documents/1")]
)
def test_writing_needs_a_key_that_may(
    aidb: Aidb, key: str | None, status: int, method: str, path: str
) -> None:
    headers = {"X-API-Key": key} if key else {}
    with httpx.Client(base_url=aidb.url, headers=headers) as client:
        assert client.request(method, path, json={} if method == "POST" else None).status_code == status


def test_reading_takes_a_key_that_may_only_read(aidb: Aidb) -> None:
    with httpx.Client(base_url=aidb.url, headers={"Authorization": f"Bearer {READER}"}, timeout=60) as client:
        assert client.post("/search", json={"query": "heron"}).status_code == 200
        assert client.post("/vector/search", json={"query": "heron"}).status_code == 200
        assert client.post("/vector/embed", json={"texts": ["heron"]}).status_code == 200
        assert client.get("/documents").status_code == 200
        assert client.get("/stats").json()["model"] is not None


def test_embedding_gives_unit_vectors_of_the_right_length(aidb: Aidb) -> None:
    answer = aidb.http.post("/vector/embed", json={"texts": ["heron", "fish"]}).json()
    assert answer["dimension"] == 384
    assert [len(vector) for vector in answer["embeddings"]] == [384, 384]
    assert sum(number * number for number in answer["embeddings"][0]) == pytest.approx(1, abs=1e-3)
