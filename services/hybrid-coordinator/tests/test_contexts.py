"""Knowledge that is given is found, by meaning, within limits and budgets."""

import pytest
from hybrid_coordinator.tokens import count_tokens
from hybrid_stack import Hybrid
from hybrid_testbed import ADMIN, OTHER, READER, WRITER

NGINX = {
    "collection": "best-practices",
    "title": "Reload nginx without dropping connections",
    "content": "Run nginx -t to test the configuration, then systemctl reload nginx: open connections are kept.",
    "metadata": {"topic": "nginx", "year": 2025},
}
REDIS = {
    "collection": "error-solutions",
    "title": "Redis answers OOM command not allowed when used memory > maxmemory",
    "content": "Give the keys that may go an expiry and set maxmemory-policy volatile-lru, or raise maxmemory.",
    "metadata": {"topic": "redis"},
}
CODE = {
    "collection": "codebase-context",
    "title": "parse_headers in http/parser.py",
    "content": "def parse_headers(raw: bytes) -> dict[str, str]: splits at CRLF and lowercases the names.",
}


@pytest.fixture(scope="module", autouse=True)
def given(hybrid: Hybrid) -> None:
    for document in (NGINX, REDIS, CODE):
        hybrid.ok("/context", document)


def test_a_contribution_sent_again_changes_nothing(hybrid: Hybrid) -> None:
    answer = hybrid.ok("/context", NGINX)
    assert answer["status"] == "unchanged"
    assert hybrid.ok("/context", NGINX)["context_ids"] == answer["context_ids"]


def test_a_changed_contribution_replaces_the_old_one_and_leaves_no_parts(hybrid: Hybrid) -> None:
    long = {"collection": "codebase-context", "title": "a long one", "content": "zebra stripes. " * 400}
    first = hybrid.ok("/context", long)
    assert (first["status"], len(first["context_ids"]) > 3) == ("created", True)
    before = _points(hybrid, "codebase-context")
    second = hybrid.ok("/context", long | {"content": "zebra stripes"})
    assert (second["status"], second["context_ids"]) == ("updated", first["context_ids"][:1])
    assert _points(hybrid, "codebase-context") == before - len(first["context_ids"]) + 1


def test_a_removed_document_is_gone_with_all_its_parts(hybrid: Hybrid) -> None:
    before = _points(hybrid, "codebase-context")
    long = {"collection": "codebase-context", "title": "to be removed", "content": "okapi stripes. " * 400}
    path = f"/context/codebase-context/{hybrid.ok('/context', long)['id']}"
    assert hybrid.http.delete(path).status_code == 204
    assert _points(hybrid, "codebase-context") == before
    assert hybrid.http.delete(path).status_code == 404
    assert hybrid.http.delete(path.replace("codebase", "no-such")).status_code == 404


def _points(hybrid: Hybrid, name: str) -> int:
    listed = hybrid.http.get("/collections").json()
    return int(next(one["points"] for one in listed["collections"] if one["name"] == name))


def test_collections_say_model_and_dimension(hybrid: Hybrid) -> None:
    listed = hybrid.http.get("/collections").json()
    assert (listed["model"], listed["dimension"]) == ("all-MiniLM-L6-v2", 384)
    assert len(listed["collections"]) == 5


def test_a_search_finds_by_meaning(hybrid: Hybrid) -> None:
    found = hybrid.ok("/search", {"query": "my cache server is out of memory"}, READER)
    assert found["results"][0]["title"] == REDIS["title"]
    assert found["results"][0]["collection"] == "error-solutions"


def test_filters_and_collections_leave_out_the_rest(hybrid: Hybrid) -> None:
    query = {"query": "web server", "filters": {"topic": "redis"}}
    assert {hit["title"] for hit in hybrid.ok("/search", query)["results"]} == {REDIS["title"]}
    query = {"query": "web server", "collections": ["best-practices"]}
    assert {hit["title"] for hit in hybrid.ok("/search", query)["results"]} == {NGINX["title"]}
    query = {"query": "web server", "filters": {"year": 2024}}
    assert hybrid.ok("/search", query)["results"] == []


def test_pages_follow_each_other_and_end(hybrid: Hybrid) -> None:
    titles, offset = [], 0
    while True:
        page = hybrid.ok("/search", {"query": "server", "limit": 2, "offset": offset})
        titles += [hit["id"] for hit in page["results"]]
        offset += 2
        if not page["has_more"]:
            break
    assert len(titles) == len(set(titles)) >= 3
    past = hybrid.ok("/search", {"query": "server", "limit": 2, "offset": 900})
    assert (past["results"], past["has_more"]) == ([], False)


def test_a_score_that_is_too_low_is_no_hit(hybrid: Hybrid) -> None:
    found = hybrid.ok("/search", {"query": "banana bread", "min_score": 0.9})
    assert found["results"] == []


def test_an_augmented_query_holds_what_is_known_and_says_whence(hybrid: Hybrid) -> None:
    query = "How can I reload nginx without dropping connections?"
    answer = hybrid.ok("/augment_query", {"query": query, "agent_type": "remote"}, READER)
    assert "systemctl reload nginx" in answer["augmented_prompt"]
    assert answer["augmented_prompt"].endswith(query)
    assert (answer["original_query"], answer["context_count"]) == (query, len(answer["context_ids"]))
    assert answer["contexts"][0]["title"] == NGINX["title"]
    assert answer["contexts"][0]["collection"] == "best-practices"
    assert answer["contexts"][0]["score"] >= 0.35


def test_a_query_that_nothing_fits_comes_back_as_it_was(hybrid: Hybrid) -> None:
    answer = hybrid.ok("/augment_query", {"query": "banana bread recipe with walnuts"})
    assert answer["augmented_prompt"] == "banana bread recipe with walnuts"
    assert answer["context_ids"] == []


@pytest.mark.parametrize("budget", [64, 90, 120, 400])
def test_an_augmented_prompt_keeps_to_its_budget(hybrid: Hybrid, budget: int) -> None:
    answer = hybrid.ok("/augment_query", {"query": "reload nginx without drops", "max_tokens": budget})
    assert count_tokens(answer["augmented_prompt"]) == answer["token_count"] <= budget


def test_a_session_gives_nothing_twice(hybrid: Hybrid) -> None:
    body = {"query": "nginx configuration reload", "context_level": "comprehensive"}
    first = hybrid.ok("/context/multi_turn", body, READER)
    assert (first["turn_number"], len(first["context_ids"]) > 0) == (1, True)
    second = hybrid.ok("/context/multi_turn", body | {"session_id": first["session_id"]}, READER)
    assert second["turn_number"] == 2
    assert not set(first["context_ids"]) & set(second["context_ids"])


def test_a_session_does_not_give_what_the_client_says_it_has(hybrid: Hybrid) -> None:
    body = {"query": "nginx configuration reload"}
    ids = hybrid.ok("/context/multi_turn", body)["context_ids"]
    assert ids
    again = hybrid.ok("/context/multi_turn", body | {"previous_context_ids": ids})
    assert not set(ids) & set(again["context_ids"])


def test_a_session_is_described_and_can_be_forgotten(hybrid: Hybrid) -> None:
    session = hybrid.ok("/context/multi_turn", {"query": "redis memory"})["session_id"]
    described = hybrid.http.get(f"/session/{session}").json()
    assert (described["turns"], described["queries"]) == (1, ["redis memory"])
    assert 0 < described["expires_in"] <= 3600
    assert hybrid.http.delete(f"/session/{session}").json() == {"status": "cleared", "session_id": session}
    assert hybrid.http.get(f"/session/{session}").status_code == 404
    assert hybrid.post("/context/multi_turn", {"query": "x", "session_id": session}).status_code == 404


@pytest.mark.parametrize("key", [OTHER, ADMIN])
def test_a_session_is_not_there_for_another_client(hybrid: Hybrid, key: str) -> None:
    session = hybrid.ok("/context/multi_turn", {"query": "redis memory"}, WRITER)["session_id"]
    with hybrid.as_client(key) as other:
        assert other.get(f"/session/{session}").status_code == 404
        assert other.delete(f"/session/{session}").status_code == 404
        body = {"query": "redis", "session_id": session}
        assert other.post("/context/multi_turn", json=body).status_code == 404
    assert hybrid.http.get(f"/session/{session}").status_code == 200
