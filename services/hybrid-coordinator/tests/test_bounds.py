"""What is kept stays within bounds, what lives together ends together, and what was cut off is completed."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from garrison_kit.settings import SettingsError, load
from hybrid_coordinator.knowledge import Collection
from hybrid_coordinator.redis_link import open_redis
from hybrid_coordinator.settings import PREFIX, Settings
from hybrid_stack import Hybrid, Launch, Stack
from hybrid_testbed import PASSWORD, wait_for
from qdrant_client import QdrantClient

from redis import Redis


@pytest.fixture
def redis(stack: Stack) -> Redis:
    port = stack.ports["redis"]
    return Redis(port=port, username="hybrid-coordinator", password=PASSWORD, decode_responses=True)


def begin_session(hybrid: Hybrid) -> str:
    return str(hybrid.ok("/context/multi_turn", {"query": "late swap"})["session_id"])


def evaluate(hybrid: Hybrid, session: str, **more: Any) -> dict[str, Any]:
    body = {"session_id": session, "response": "I did.", "confidence": 0.5}
    return hybrid.ok("/feedback/evaluate", body | more)


def test_a_sessions_votes_are_known_as_long_as_the_session(hybrid: Hybrid, redis: Redis) -> None:
    document = {"collection": "best-practices", "title": "Swap late", "content": "Set vm.swappiness to 10."}
    [rated] = hybrid.ok("/context", document)["context_ids"]
    session = begin_session(hybrid)
    evaluate(hybrid, session, ratings=[{"context_id": rated, "rating": 1}])
    votes = f"hybrid-coordinator:session:writer:{session}:votes"
    redis.expire(votes, 60)
    hybrid.ok("/context/multi_turn", {"query": "late swap", "session_id": session})
    assert redis.ttl(votes) > 60


def test_long_feedback_is_kept_short(hybrid: Hybrid, redis: Redis) -> None:
    session = begin_session(hybrid)
    long = {f"k{number}": "m" * 1000 for number in range(32)}
    evaluate(hybrid, session, response="r" * 32_000, gaps=["g" * 8000], metadata=long | {"k0": 5})
    [(_, fields)] = redis.xrevrange("hybrid-coordinator:feedback", count=1)
    record = json.loads(fields["record"])
    assert len(fields["record"]) < 10_000
    assert record["response"] == "r" * 2000
    assert (record["metadata"]["k0"], len(record["metadata"])) == (5, 32)


def test_the_periodic_run_catches_up_without_waiting_for_the_next_turn(
    hybrid: Hybrid, launch: Launch, redis: Redis
) -> None:
    for number in range(6):
        hybrid.ok("/interactions", {"query": f"What does crane {number} eat?", "response": "Frogs."})
    interval = 8
    launch(pattern_interval=interval, pattern_batch=1, pattern_batches=1).wait_until_ready()
    wait_for("all is read", lambda: redis.xlen("hybrid-coordinator:interactions") == 0, 4 * interval)


def test_an_index_that_is_missing_is_made_at_the_next_start(hybrid: Hybrid, stack: Stack) -> None:
    url = f"http://127.0.0.1:{stack.ports['qdrant']}"
    client = QdrantClient(url=url, headers={"api-key": PASSWORD}, check_compatibility=False)
    before = set(client.get_collection("interaction-history").payload_schema)
    client.delete_payload_index("interaction-history", "is_pending", wait=True)
    assert set(client.get_collection("interaction-history").payload_schema) == before - {"is_pending"}
    hybrid.restart()
    assert set(client.get_collection("interaction-history").payload_schema) == before
    client.close()


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
def test_a_remote_is_named_with_the_version_of_its_api_or_without(end: str) -> None:
    settings = load(Settings, PREFIX, {"HYBRID_REMOTE_URL": f"https://models.example.net{end}"})
    assert settings.remote_url == "https://models.example.net"


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match=r"REMOTE_URL.*secrets") as raised:
        load(Settings, PREFIX, {"HYBRID_REMOTE_URL": "https://me:hunter2@models.example.net/v1"})
    assert "hunter2" not in str(raised.value)


def test_many_gaps_at_once_exhaust_no_pool_of_connections(launch: Launch, stack: Stack) -> None:
    patient = launch(qdrant_timeout=600, redis_timeout=600, embeddings_timeout=600)
    patient.wait_until_ready()
    session = begin_session(patient)
    gaps = [f"how late does swap number {number} begin" for number in range(10)]
    # Their vectors are remembered: nobody but Qdrant is to be asked for them again.
    evaluate(patient, session, gaps=gaps)
    body = {"session_id": session, "response": "I did.", "confidence": 0.5, "gaps": gaps}
    # All the gaps of two clients would need more connections than there are; one gap of each does not.
    clients = 2
    connections = clients * len(Collection)
    count = partial(patient.process.connections, stack.ports["qdrant"])
    with ThreadPoolExecutor(clients) as pool:
        with stack.processes["qdrant"].frozen():
            asked = [pool.submit(patient.post, "/feedback/evaluate", body) for _ in range(clients)]
            wait_for("each asks all collections for a gap", lambda: count() >= connections)
            wait_for("nobody asks for more", lambda: count() == _after_some_answers(patient, count))
            assert count() == connections
        answers = [one.result() for one in asked]
    assert {answer.json().get("detail", "") for answer in answers} == {""}


def _after_some_answers(hybrid: Hybrid, count: Callable[[], int]) -> int:
    # One loop serves everybody: with each answer whoever is about to ask comes a step further.
    for _ in range(20):
        assert hybrid.http.get("/health/live").status_code == 200
    return count()


def test_who_finds_all_connections_to_redis_in_use_waits_for_one(stack: Stack) -> None:
    settings = Settings(
        redis_host="127.0.0.1",
        redis_port=stack.ports["redis"],
        redis_timeout=600,
        secrets_dir=stack.directory / "secrets",
    )

    async def ask_all_at_once() -> list[bool]:
        async with open_redis(settings) as client:
            calls = client.connection_pool.max_connections + 1
            return list(await asyncio.gather(*(client.ping() for _ in range(calls))))

    assert all(asyncio.run(ask_all_at_once()))
