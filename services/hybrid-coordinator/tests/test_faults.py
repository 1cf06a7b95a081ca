"""Each thing that is missing turns readiness red by its name, its calls into problems, and comes back by itself."""

import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from statistics import median

import httpx
import pytest
from hybrid_stack import Hybrid, Launch, Stack
from hybrid_testbed import ADMIN, EMBEDDING, PASSWORD, WRITER, metric, wait_for
from qdrant_client import QdrantClient, models

CALLS = {
    "qdrant": ("/search", {"query": "never asked before: qdrant"}),
    "redis": ("/augment_query", {"query": "never asked before: redis"}),
    "embeddings": ("/search", {"query": "never asked before: embeddings"}),
    "llama-cpp": ("/query", {"prompt": "never asked before: llama-cpp"}),
}
TRACK = {"query": "Is it kept?", "response": "It is."}


@pytest.fixture
def stopped(request: pytest.FixtureRequest, stack: Stack, hybrid: Hybrid) -> Iterator[str]:
    """A dependency, stopped for one test."""
    name: str = request.param
    hybrid.wait_until_ready()
    stack.processes[name].stop()
    yield name
    if not stack.processes[name].is_running():
        stack.processes[name].start()
    hybrid.wait_until_ready()


@pytest.mark.parametrize("stopped", list(CALLS), indirect=True)
def test_what_is_stopped_is_named_refused_in_time_and_back_without_a_restart(
    hybrid: Hybrid, stack: Stack, stopped: str
) -> None:
    wait_for("not ready", lambda: hybrid.ready().status_code == 503, 10)
    assert hybrid.ready().json()["missing"] == [stopped]
    assert hybrid.http.get("/health/live").status_code == 200
    path, body = CALLS[stopped]
    started = time.monotonic()
    for number in range(8):
        text = {name: f"{value} {number}" for name, value in body.items()}
        answer = hybrid.post(path, text)
        assert answer.status_code in (503, 504), answer.text
        assert re.fullmatch("[0-9a-f]{12}", answer.json()["error_id"])
        assert stopped in answer.json()["detail"]
        assert int(answer.headers["retry-after"]) > 0
    assert time.monotonic() - started < 60
    series = f'garrison_breaker_state{{dependency="{stopped}"}}'
    assert metric(hybrid.http.get("/metrics").text, series) == 2

    stack.processes[stopped].start()
    hybrid.wait_until_ready(30)
    wait_for("calls work again", lambda: hybrid.post(path, body).status_code == 200, 30)


@pytest.mark.parametrize("name", ["qdrant", "redis", "embeddings"])
def test_what_hangs_is_a_timeout_and_blocks_nobody_else(hybrid: Hybrid, stack: Stack, name: str) -> None:
    path, body = CALLS[name]
    with stack.processes[name].frozen(), ThreadPoolExecutor(1) as pool:
        hung = pool.submit(hybrid.post, path, {key: f"{value} hangs" for key, value in body.items()})
        lives = _ask_until(hung, hybrid)
        answer = hung.result(60)
        assert len(lives) > 1, answer.text
        # As a share of what the hanging call took: how fast this machine is says nothing about being blocked.
        assert median(lives) < answer.elapsed.total_seconds() / 4
        assert answer.status_code in (503, 504), answer.text
    hybrid.wait_until_ready()
    # Readiness asks past the breaker, which this one may have opened for the next.
    wait_for("calls work again", lambda: hybrid.post(path, body).status_code == 200, 30)


def _ask_until(hung: Future[httpx.Response], hybrid: Hybrid) -> list[float]:
    """How many seconds /health/live took, each time it was asked while the other call hung."""
    found = []
    while not hung.done():
        answer = hybrid.http.get("/health/live")
        assert answer.status_code == 200
        found.append(answer.elapsed.total_seconds())
    return found


@pytest.mark.parametrize("stopped", ["redis", "qdrant", "embeddings"], indirect=True)
def test_an_interaction_that_cannot_be_kept_is_not_accepted(hybrid: Hybrid, stopped: str) -> None:
    body = TRACK | {"query": f"Is it kept without {stopped}?"}
    assert hybrid.post("/interactions", body).status_code in (503, 504)


def test_accepted_interactions_survive_sigterm_under_load(stack: Stack, launch: Launch) -> None:
    other = launch()
    other.wait_until_ready()
    accepted: list[str] = []
    enough = threading.Event()

    def send(worker: int) -> None:
        with other.as_client(WRITER) as client:
            for number in range(200):
                body = TRACK | {"query": f"Does number {number} of worker {worker} survive?"}
                try:
                    answer = client.post("/interactions", json=body)
                except httpx.HTTPError:
                    return
                if answer.status_code == 200:
                    accepted.append(answer.json()["id"])
                if len(accepted) > 20:
                    enough.set()

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(send, worker) for worker in range(6)]
        assert enough.wait(60)
        assert other.process.stop() == 0
        for one in running:
            one.result()
    assert len(accepted) > 20
    client = _qdrant(stack)
    kept = client.retrieve("interaction-history", accepted)
    client.close()
    assert {str(point.id) for point in kept} == set(accepted)


def test_accepted_interactions_survive_the_kill_of_everything(hybrid: Hybrid, stack: Stack) -> None:
    kept = hybrid.ok("/interactions", TRACK | {"query": "Does it survive kill -9?"})
    for process in (hybrid.process, stack.processes["redis"], stack.processes["qdrant"]):
        process.stop(signal.SIGKILL)
    for process in (stack.processes["redis"], stack.processes["qdrant"], hybrid.process):
        process.start()
    hybrid.wait_until_ready()
    assert hybrid.http.patch(f"/interactions/{kept['id']}", json={"outcome": "success"}).status_code == 200
    assert hybrid.ok("/patterns/extract", None, ADMIN)["read"] > 0


def _qdrant(stack: Stack) -> QdrantClient:
    url = f"http://127.0.0.1:{stack.ports['qdrant']}"
    return QdrantClient(url=url, headers={"api-key": PASSWORD}, check_compatibility=False)


def test_a_collection_that_is_gone_is_made_again(hybrid: Hybrid, stack: Stack) -> None:
    client = _qdrant(stack)
    client.delete_collection("best-practices")
    wait_for("red", lambda: hybrid.ready().status_code == 503, 10)
    hybrid.wait_until_ready(30)
    assert client.collection_exists("best-practices")
    client.close()


@pytest.mark.parametrize(
    ("size", "model", "words"),
    [(768, "all-MiniLM-L6-v2", ["768", "384"]), (384, "other-model", ["other-model", "all-MiniLM-L6-v2"])],
    ids=["dimension", "model"],
)
def test_a_collection_of_another_model_is_refused_with_both_names(
    hybrid: Hybrid, stack: Stack, launch: Launch, size: int, model: str, words: list[str]
) -> None:
    client = _qdrant(stack)
    client.delete_collection("codebase-context")
    vectors = models.VectorParams(size=size, distance=models.Distance.COSINE)
    client.create_collection("codebase-context", vectors, metadata={"model": model})
    other = launch()
    try:
        wait_for("the sentence", lambda: "codebase-context" in other.ready().json()["checks"]["qdrant"], 60)
        sentence = other.ready().json()["checks"]["qdrant"]
        assert all(word in sentence for word in words), sentence
        assert other.post("/search", {"query": "x"}).status_code == 503
    finally:
        client.delete_collection("codebase-context")
        client.close()
        other.process.stop()
    hybrid.wait_until_ready()


def test_another_model_in_embeddings_is_refused_with_both_names(launch: Launch) -> None:
    other = launch({**EMBEDDING, "GARRISON_EMBEDDING_MODEL": "some-other-model"})
    wait_for("it lives", lambda: other.http.get("/health/live").status_code == 200)
    found = other.ready().json()["checks"]["embeddings"]
    assert "all-MiniLM-L6-v2" in found
    assert "some-other-model" in found
    other.process.stop()


def test_without_the_agreed_embedding_there_is_no_start(launch: Launch) -> None:
    other = launch({"GARRISON_EMBEDDING_MODEL": "", "GARRISON_EMBEDDING_DIMENSION": "x"})
    assert other.process.running is not None
    assert other.process.running.wait(120) == 2
