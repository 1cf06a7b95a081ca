"""Patterns are found in interactions that worked, and being cut off or run again adds nothing twice."""

import signal
import time
from typing import Any

import pytest
from hybrid_stack import Hybrid, Launch, Stack
from hybrid_testbed import ADMIN, PASSWORD, find_redis, wait_for
from qdrant_client import QdrantClient

from redis import Redis

QUESTIONS = [
    "How do I renew the TLS certificate of the door?",
    "How can I renew the door's TLS certificate?",
    "Renew the TLS certificate of the door: how?",
]
ANSWER = "1. Run `garrison certificates renew`.\n2. Reload the door with `systemctl --user reload door`.\nThat is all."


def track(hybrid: Hybrid, questions: list[str], outcome: str = "success") -> list[str]:
    body = {"response": ANSWER, "outcome": outcome}
    return [hybrid.ok("/interactions", body | {"query": question})["id"] for question in questions]


def extract(hybrid: Hybrid) -> dict[str, Any]:
    return hybrid.ok("/patterns/extract", None, ADMIN)


@pytest.fixture
def redis(stack: Stack) -> Redis:
    assert find_redis().exists()
    port = stack.ports["redis"]
    return Redis(port=port, username="hybrid-coordinator", password=PASSWORD, decode_responses=True)


def patterns(stack: Stack) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{stack.ports['qdrant']}"
    client = QdrantClient(url=url, headers={"api-key": PASSWORD}, check_compatibility=False)
    points, _ = client.scroll("skills-patterns", limit=100)
    client.close()
    return [{"id": point.id, **(point.payload or {})} for point in points]


def test_a_pattern_is_found_once_and_helps_later_queries(hybrid: Hybrid, stack: Stack) -> None:
    ids = track(hybrid, QUESTIONS)
    assert extract(hybrid)["patterns_written"] == 1
    [pattern] = patterns(stack)
    assert sorted(pattern["interaction_ids"]) == sorted(ids)
    assert (pattern["support"], pattern["success_rate"]) == (3, 1.0)
    assert pattern["summary"].startswith("stand-in heard: Problem: ")
    query = {"query": "renew the certificate of the door", "collections": ["skills-patterns"]}
    answer = hybrid.ok("/augment_query", query)
    assert answer["context_ids"] == [pattern["id"]]
    assert "garrison certificates renew" in answer["augmented_prompt"]

    idle = extract(hybrid)
    assert (idle["read"], idle["patterns_written"], idle["is_done"]) == (0, 0, True)
    hybrid.restart()
    assert extract(hybrid)["read"] == 0
    assert patterns(stack) == [pattern]


def test_a_run_cut_off_before_its_offset_is_kept_is_made_again_without_a_trace(
    hybrid: Hybrid, stack: Stack, redis: Redis
) -> None:
    track(hybrid, ["What is the best food for a wombat?", "What food is best for a wombat?"])
    track(hybrid, ["Best food for a wombat, what is it?"])
    entries = redis.xrange("hybrid-coordinator:interactions")
    offset = redis.get("hybrid-coordinator:patterns:offset")
    extract(hybrid)
    before = patterns(stack)
    # As if the process had been killed between the last write to Qdrant and the move of the offset.
    redis.set("hybrid-coordinator:patterns:offset", str(offset))
    redis.delete("hybrid-coordinator:interactions")
    for number, fields in entries:
        redis.xadd("hybrid-coordinator:interactions", fields, id=number)
    hybrid.restart()
    again = extract(hybrid)
    assert (again["read"], again["patterns_written"]) == (3, 0), again
    assert patterns(stack) == before


def test_what_redis_lost_from_its_stream_is_found_all_the_same(
    hybrid: Hybrid, stack: Stack, redis: Redis
) -> None:
    track(hybrid, [f"How tall is the lighthouse{end}" for end in ("?", " today?", " in metres?")])
    redis.delete("hybrid-coordinator:interactions")
    assert extract(hybrid)["patterns_written"] == 1
    assert [one["support"] for one in patterns(stack) if "lighthouse" in one["title"]] == [3]
    assert extract(hybrid)["read"] == 0


def test_killed_in_the_middle_of_a_run_nothing_is_lost_or_doubled(
    hybrid: Hybrid, stack: Stack, launch: Launch
) -> None:
    questions = [f"How do I groom yak number {number} for the winter show?" for number in range(12)]
    track(hybrid, questions)
    before = _grouped(stack)
    other = launch(pattern_interval=0.2, pattern_batch=1)
    wait_for("the run has begun", lambda: _grouped(stack) > before + 2)
    other.process.stop(signal.SIGKILL)
    while not extract(hybrid)["is_done"]:
        pass
    found = [one for one in patterns(stack) if "yak" in one["title"]]
    assert sum(one["support"] for one in found) == 12
    assert len({one["group"] for one in found}) == len(found)


def _grouped(stack: Stack) -> int:
    url = f"http://127.0.0.1:{stack.ports['qdrant']}"
    client = QdrantClient(url=url, headers={"api-key": PASSWORD}, check_compatibility=False)
    points, _ = client.scroll("interaction-history", limit=1000)
    client.close()
    return sum(bool((point.payload or {})["is_grouped"]) for point in points)


def test_a_pattern_goes_when_it_turns_out_to_fail(hybrid: Hybrid, stack: Stack) -> None:
    ids = track(hybrid, [f"Does the kettle need descaling{end}" for end in ("?", " now?", " at all?")])
    extract(hybrid)
    assert any("kettle" in one["title"] for one in patterns(stack))
    hybrid.http.patch(f"/interactions/{ids[0]}", json={"outcome": "failure"})
    assert extract(hybrid)["patterns_removed"] == 1
    assert not any("kettle" in one["title"] for one in patterns(stack))


def test_without_a_language_model_patterns_have_no_summary(hybrid: Hybrid, stack: Stack) -> None:
    stack.processes["llama-cpp"].stop(signal.SIGKILL)
    try:
        track(hybrid, [f"Where does the otter sleep{end}" for end in ("?", " at night?", " tonight?")])
        assert extract(hybrid)["patterns_written"] == 1
        [pattern] = [one for one in patterns(stack) if "otter" in one["title"]]
        assert pattern["summary"] is None
    finally:
        stack.processes["llama-cpp"].start()
        hybrid.wait_until_ready()


def test_the_periodic_run_extracts_by_itself(hybrid: Hybrid, stack: Stack, launch: Launch) -> None:
    track(hybrid, [f"When does the heron migrate{end}" for end in ("?", " this year?", " south?")])
    other = launch(pattern_interval=0.2)
    other.wait_until_ready()
    wait_for("the pattern", lambda: any("heron" in one["title"] for one in patterns(stack)), 20)
    other.process.stop()


def test_the_stream_keeps_only_what_was_not_read(hybrid: Hybrid, redis: Redis) -> None:
    while not extract(hybrid)["is_done"]:
        time.sleep(0.01)
    assert redis.xlen("hybrid-coordinator:interactions") == 0
