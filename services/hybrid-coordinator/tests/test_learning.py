"""What worked is found by later queries, once, after restarts too; what was rated moves."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hybrid_stack import Hybrid
from hybrid_testbed import ADMIN, OTHER, READER, WRITER

ANSWER = (
    "1. Stop the writer with `systemctl stop importer`.\n2. Run `pg_repack -t chunks` on the database.\n"
    "3. Start the writer again: the table is small and nothing was locked for longer than a second."
)


def interaction(query: str, **more: Any) -> dict[str, Any]:
    return {"query": query, "response": ANSWER, "agent_type": "remote", **more}


def test_an_interaction_scored_high_is_found_later_and_after_a_restart_and_only_once(hybrid: Hybrid) -> None:
    question = "How do I shrink a bloated PostgreSQL table without locking it?"
    kept = hybrid.ok("/interactions", interaction(question))
    assert (kept["status"], kept["is_high_value"]) == ("created", False)
    later = {"query": "shrink a bloated table in postgres without a lock"}
    assert kept["id"] not in hybrid.ok("/augment_query", later)["context_ids"]

    updated = hybrid.http.patch(f"/interactions/{kept['id']}", json={"outcome": "success"}).json()
    assert (updated["is_high_value"], updated["value"] >= 0.7) == (True, True)
    for _ in range(2):
        answer = hybrid.ok("/augment_query", later, READER)
        assert kept["id"] in answer["context_ids"]
        assert "pg_repack" in answer["augmented_prompt"]
        hybrid.restart()

    again = hybrid.ok("/interactions", interaction(question))
    assert (again["id"], again["status"], again["outcome"]) == (kept["id"], "updated", "success")
    assert hybrid.ok("/augment_query", later)["context_ids"].count(kept["id"]) == 1
    found = hybrid.ok("/search", {"query": question, "collections": ["interaction-history"]})["results"]
    assert [hit["title"] for hit in found].count(question) == 1


def test_concurrent_duplicates_are_one_interaction(hybrid: Hybrid) -> None:
    body = interaction("How do I rotate the keys of the walrus service?", outcome="success")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: hybrid.ok("/interactions", body), range(8)))
    assert len({answer["id"] for answer in answers}) == 1
    assert [answer["status"] for answer in answers].count("created") == 1


def test_a_key_of_the_clients_own_tells_apart_what_has_the_same_words(hybrid: Hybrid) -> None:
    body = interaction("Which penguin is it?")
    first = hybrid.ok("/interactions", body | {"idempotency_key": "one"})
    second = hybrid.ok("/interactions", body | {"idempotency_key": "two"})
    assert first["id"] != second["id"]
    assert hybrid.ok("/interactions", body | {"idempotency_key": "one"})["status"] == "updated"


def test_novelty_is_measured_against_the_nearest_other(hybrid: Hybrid) -> None:
    first = hybrid.ok("/interactions", interaction("Why does the giraffe exporter leak file handles?"))
    second = hybrid.ok("/interactions", interaction("Why does the giraffe exporter leak file handles today?"))
    assert first["novelty"] > 0.4
    assert second["novelty"] < 0.2


def test_only_who_tracked_it_or_an_admin_changes_an_outcome(hybrid: Hybrid) -> None:
    path = f"/interactions/{hybrid.ok('/interactions', interaction('Who may change this?'))['id']}"
    with hybrid.as_client(OTHER) as other, hybrid.as_client(ADMIN) as admin:
        assert other.patch(path, json={"outcome": "failure"}).status_code == 404
        assert admin.patch(path, json={"user_feedback": 1}).json()["user_feedback"] == 1
    assert hybrid.http.patch(path, json={}).status_code == 422
    assert hybrid.http.patch(path[:-12] + "0" * 12, json={"outcome": "success"}).status_code == 404
    assert hybrid.http.patch("/interactions/x", json={"outcome": "success"}).status_code == 404


def test_an_interaction_can_be_read_and_forgotten_by_its_client_only(hybrid: Hybrid) -> None:
    path = f"/interactions/{hybrid.ok('/interactions', interaction('Can it be forgotten?'))['id']}"
    assert hybrid.http.get(path).json()["query"] == "Can it be forgotten?"
    with hybrid.as_client(OTHER) as other:
        assert other.get(path).status_code == 404
        assert other.delete(path).status_code == 404
    assert hybrid.http.delete(path).status_code == 204
    assert hybrid.http.get(path).status_code == 404


@pytest.fixture
def rivals(hybrid: Hybrid) -> dict[str, str]:
    """Two contexts that answer the same question nearly alike: their ids by title, in the order found."""
    for name in ("one", "two"):
        content = f"Set vm.swappiness to {'10' if name == 'one' else '11'} so that the kernel swaps late."
        document = {"collection": "best-practices", "title": f"Swap late, way {name}", "content": content}
        hybrid.ok("/context", document)
    return {hit["title"]: hit["id"] for hit in _search(hybrid)}


def _search(hybrid: Hybrid) -> list[dict[str, Any]]:
    query = {"query": "make the kernel swap late", "collections": ["best-practices"], "limit": 2}
    found: list[dict[str, Any]] = hybrid.ok("/search", query)["results"]
    return found


def test_feedback_changes_the_ranking_of_what_it_rates_and_survives_a_restart(
    hybrid: Hybrid, rivals: dict[str, str]
) -> None:
    first, second = rivals
    session = hybrid.ok("/context/multi_turn", {"query": "make the kernel swap late"})["session_id"]
    ratings = [
        {"context_id": rivals[first], "rating": -1},
        {"context_id": rivals[second], "rating": 1},
        {"context_id": "00000000-0000-0000-0000-000000000000", "rating": 1},
    ]
    body = {"session_id": session, "response": "I set it.", "confidence": 0.4, "ratings": ratings}
    for _ in range(2):
        answer = hybrid.ok("/feedback/evaluate", body)
        assert sorted(answer["rated_context_ids"]) == sorted(rivals.values())
        assert answer["unknown_context_ids"] == ["00000000-0000-0000-0000-000000000000"]
        after = _search(hybrid)
        assert [hit["title"] for hit in after] == [second, first]
    # The same session voted twice, which counts once.
    assert after[0]["score"] - after[0]["similarity"] == pytest.approx(0.2 / 3, abs=0.001)
    hybrid.restart()
    assert _search(hybrid) == after
    assert (
        hybrid.ok("/augment_query", {"query": "make the kernel swap late"})["contexts"][0]["title"] == second
    )


def test_gaps_are_answered_by_what_is_found_and_not_by_pretending(hybrid: Hybrid) -> None:
    document = {
        "collection": "error-solutions",
        "title": "Certificate verify failed: unable to get local issuer certificate",
        "content": "Install the CA of the fleet and give its path to the client.",
    }
    hybrid.ok("/context", document)
    session = hybrid.ok("/context/multi_turn", {"query": "banana bread"})["session_id"]
    gaps = ["certificate verify failed, local issuer", "how long to bake walnuts"]
    body = {"session_id": session, "response": "Perhaps TLS.", "confidence": 0.5, "gaps": gaps}
    answer = hybrid.ok("/feedback/evaluate", body)
    assert [one["gap"] for one in answer["suggested_queries"]] == gaps[:1]
    assert answer["suggested_queries"][0]["query"] == document["title"]
    assert answer["unanswered_gaps"] == gaps[1:]
    assert answer["should_refine"]
    assert 0 < answer["estimated_confidence_increase"] < 0.5
    assert answer["session_info"]["session_id"] == session


def test_feedback_for_a_session_of_another_client_is_refused(hybrid: Hybrid) -> None:
    session = hybrid.ok("/context/multi_turn", {"query": "mine"}, WRITER)["session_id"]
    body = {"session_id": session, "response": "x", "confidence": 1}
    assert hybrid.post("/feedback/evaluate", body, OTHER).status_code == 404


def test_training_data_is_what_was_worth_it_as_lines_of_json(hybrid: Hybrid) -> None:
    for number in range(3):
        query = f"How do I tame llama number {number} with a carrot?"
        hybrid.ok("/interactions", interaction(query, outcome="success", user_feedback=1))
    assert hybrid.post("/interactions/export", {}, WRITER).status_code == 403
    answer = hybrid.post("/interactions/export", {"limit": 2}, ADMIN)
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == 2
    assert [message["role"] for message in lines[0]["messages"]] == ["user", "assistant"]
    none = hybrid.post("/interactions/export", {"min_value": 1.0}, ADMIN)
    assert (none.status_code, none.text) == (200, "")


def test_what_is_counted_survives_a_restart(hybrid: Hybrid) -> None:
    hybrid.ok("/augment_query", {"query": "count me", "agent_type": "counter"})
    before = hybrid.http.get("/stats").json()
    assert before["agent_types"]["counter"] == 1
    assert before["total_queries"] >= before["context_hits"] > 0
    assert before["last_query_at"].endswith("+00:00")
    hybrid.restart()
    assert hybrid.http.get("/stats").json() == before
