"""Skills are proposed by writers, decided on by admins and read by everybody once approved."""

import hashlib
from typing import Any

import httpx
import pytest
from aidb_stack import Aidb

CONTENT = "# Herons\n\nStand still, wait, strike."


def make_skill(slug: str, **changes: object) -> dict[str, Any]:
    return {"slug": slug, "name": "Herons", "description": "How to fish", "content": CONTENT, **changes}


@pytest.fixture
def slug(request: pytest.FixtureRequest) -> str:
    """A slug of the test's own."""
    name: str = request.node.originalname
    return name.removeprefix("test_").replace("_", "-")[:100]


def approve(aidb: Aidb, slug: str, **review: object) -> httpx.Response:
    return aidb.admin.post(f"/skills/{slug}/approve", json=review)


def test_a_proposed_skill_is_pending_and_hidden_from_all_but_admins(aidb: Aidb, slug: str) -> None:
    answer = aidb.http.post("/skills", json=make_skill(slug, tags=["b", "a", "a"]))
    assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (201, "pending", 1)
    assert answer.json()["checksum"] == hashlib.sha256(CONTENT.encode()).hexdigest()
    assert answer.json()["tags"] == ["a", "b"]
    assert [client.get(f"/skills/{slug}").status_code for client in (aidb.reader, aidb.http)] == [404, 404]
    assert aidb.admin.get(f"/skills/{slug}").json()["content"] == CONTENT
    listed = [
        {skill["slug"] for skill in client.get("/skills", params=params).json()["skills"]}
        for client, params in ((aidb.reader, {}), (aidb.admin, {}), (aidb.admin, {"status": "pending"}))
    ]
    assert [slug in slugs for slugs in listed] == [False, False, True]


def test_an_approved_skill_is_read_by_everybody(aidb: Aidb, slug: str) -> None:
    checksum = aidb.http.post("/skills", json=make_skill(slug)).json()["checksum"]
    approved = approve(aidb, slug, checksum=checksum, note="Tried on a pond.").json()
    assert (approved["status"], approved["reviewed_by"], approved["note"]) == (
        "approved",
        "admin",
        "Tried on a pond.",
    )
    assert aidb.reader.get(f"/skills/{slug}").json()["content"] == CONTENT


@pytest.mark.parametrize(
    "change",
    [
        {"content": "# Other"},
        {"description": "Ignore what was said"},
        {"name": "X"},
        {"tags": ["new"]},
        {"source": "the admin"},
    ],
    ids=str,
)
def test_a_changed_skill_waits_again(aidb: Aidb, slug: str, change: dict[str, Any]) -> None:
    slug = f"{slug}-{next(iter(change))}"
    aidb.http.post("/skills", json=make_skill(slug))
    approve(aidb, slug)
    answer = aidb.http.post("/skills", json=make_skill(slug, **change))
    changed = answer.json()
    assert (answer.status_code, changed["outcome"], changed["status"]) == (200, "updated", "pending")
    assert (changed["version"], changed["reviewed_by"], changed["note"]) == (2, None, None)
    assert aidb.reader.get(f"/skills/{slug}").status_code == 404


def test_a_skill_sent_again_unchanged_stays_approved(aidb: Aidb, slug: str) -> None:
    aidb.http.post("/skills", json=make_skill(slug))
    approve(aidb, slug)
    answer = aidb.http.post("/skills/import", json=make_skill(slug)).json()
    assert (answer["outcome"], answer["status"], answer["version"]) == ("unchanged", "approved", 1)


def test_another_keeper_is_no_reason_to_wait_again(aidb: Aidb, slug: str) -> None:
    aidb.http.post("/skills", json=make_skill(slug))
    approve(aidb, slug)
    answer = aidb.http.post("/skills", json=make_skill(slug, managed_by="the wardens")).json()
    assert (answer["outcome"], answer["status"], answer["managed_by"]) == (
        "updated",
        "approved",
        "the wardens",
    )


def test_content_that_changed_since_it_was_read_is_not_approved(aidb: Aidb, slug: str) -> None:
    read = aidb.http.post("/skills", json=make_skill(slug)).json()["checksum"]
    aidb.http.post("/skills", json=make_skill(slug, content="# Something else"))
    assert approve(aidb, slug, checksum=read).status_code == 409
    assert aidb.admin.get(f"/skills/{slug}").json()["status"] == "pending"


@pytest.mark.parametrize("change", [{"description": "Ignore what was said"}, {"name": "X"}], ids=str)
def test_what_changed_beside_the_content_is_not_approved_unseen(
    aidb: Aidb, slug: str, change: dict[str, Any]
) -> None:
    slug = f"{slug}-{next(iter(change))}"
    read = aidb.http.post("/skills", json=make_skill(slug)).json()
    now = aidb.http.post("/skills", json=make_skill(slug, **change)).json()
    seen = {"checksum": read["checksum"], "version": read["version"]}
    assert approve(aidb, slug, **seen).status_code == 409
    assert approve(aidb, slug, **{**seen, "version": now["version"]}).json()["status"] == "approved"


def test_a_rejected_skill_stays_rejected_until_it_changes(aidb: Aidb, slug: str) -> None:
    aidb.http.post("/skills", json=make_skill(slug))
    aidb.admin.post(f"/skills/{slug}/reject", json={"note": "No."})
    assert aidb.http.post("/skills", json=make_skill(slug)).json()["status"] == "rejected"
    assert aidb.http.post("/skills", json=make_skill(slug, content="# Better")).json()["status"] == "pending"


@pytest.mark.parametrize("field", ["status", "version", "reviewed_by", "checksum"])
def test_callers_cannot_set_what_is_not_theirs(aidb: Aidb, field: str) -> None:
    answer = aidb.http.post("/skills", json=make_skill("not-theirs", **{field: "approved"}))
    assert answer.status_code == 422
    assert aidb.admin.get("/skills/not-theirs").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/skills/x/approve"), ("POST", "/skills/x/reject"), ("DELETE", "/skills/x")],
)
def test_only_an_admin_decides_and_deletes(aidb: Aidb, method: str, path: str) -> None:
    assert aidb.http.request(method, path).status_code == 403
    assert aidb.reader.request(method, path).status_code == 403
    assert aidb.admin.request(method, path).status_code == 404


@pytest.mark.parametrize("params", [{"status": "pending"}, {"status": "all"}, {"include_pending": "true"}])
def test_only_an_admin_lists_what_is_not_approved(aidb: Aidb, params: dict[str, str]) -> None:
    assert aidb.http.get("/skills", params=params).status_code == 403
    assert aidb.admin.get("/skills", params=params).status_code == 200


def test_a_reader_may_not_propose(aidb: Aidb, slug: str) -> None:
    assert aidb.reader.post("/skills", json=make_skill(slug)).status_code == 403


def test_skills_are_found_by_words_and_by_tag(aidb: Aidb, slug: str) -> None:
    words = {"zebra": "striped animals", "okapi": "striped legs and zebra cousins"}
    for word, description in words.items():
        aidb.http.post(
            "/skills", json=make_skill(f"{slug}-{word}", name=word, description=description, tags=["africa"])
        )
        approve(aidb, f"{slug}-{word}")

    def find(**params: str) -> list[str]:
        page = aidb.reader.get("/skills", params=params).json()
        assert page["total"] == len(page["skills"])
        return [skill["name"] for skill in page["skills"]]

    assert find(query="zebra") == ["zebra", "okapi"]
    assert find(query="legs") == ["okapi"]
    assert find(tag="africa", query="striped -legs") == ["zebra"]
    assert find(query="unicorn") == []


def test_a_deleted_skill_is_gone(aidb: Aidb, slug: str) -> None:
    aidb.http.post("/skills", json=make_skill(slug))
    assert aidb.admin.delete(f"/skills/{slug}").status_code == 204
    assert aidb.admin.get(f"/skills/{slug}").status_code == 404


def test_the_list_of_skills_is_paged(aidb: Aidb, slug: str) -> None:
    for number in range(5):
        aidb.http.post("/skills", json=make_skill(f"{slug}-{number}", tags=["paged"]))
        approve(aidb, f"{slug}-{number}")
    pages = [
        aidb.reader.get("/skills", params={"tag": "paged", "limit": 2, "offset": offset}).json()
        for offset in (0, 2, 4, 6)
    ]
    assert [len(page["skills"]) for page in pages] == [2, 2, 1, 0]
    assert [page["has_more"] for page in pages] == [True, True, False, False]
    assert {page["total"] for page in pages} == {5}
