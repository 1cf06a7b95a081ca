"""Each dependency lost in turn: what needs it answers 503 or 504 in time, and all is well once it is back."""

import re
import signal
import time
from collections.abc import Iterator

import pytest
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import Process, wait_for

PATIENCE = 3


@pytest.fixture(scope="module")
def patient(stack: Stack, launch: Launch) -> Aidb:
    stack.postgres.make_database("patient")
    aidb = launch("patient", read_patience=PATIENCE, write_patience=PATIENCE, embeddings_timeout=PATIENCE)
    aidb.wait_until_ready()
    return aidb


@pytest.fixture
def frozen(request: pytest.FixtureRequest, stack: Stack, patient: Aidb) -> Iterator[str]:
    """A dependency that keeps its connections and answers nothing."""
    name: str = request.param
    assert patient.http.post("/search", json={"query": "warm"}).status_code == 200
    stack.signal_all_of(name, signal.SIGSTOP)
    yield name
    stack.signal_all_of(name, signal.SIGCONT)
    wait_for("all is well again", lambda: patient.ready().status_code == 200, 30)
    wait_for(
        "searches answer again",
        lambda: patient.http.post("/search", json={"query": f"back {name}"}).status_code == 200,
        30,
    )


@pytest.mark.parametrize(
    ("frozen", "path", "body"),
    [
        ("postgres", "/search", {"query": "x", "mode": "text"}),
        ("postgres", "/documents", {"project": "p", "path": "a", "title": "t", "content": "c"}),
        ("embeddings", "/search", {"query": "never asked"}),
        ("embeddings", "/documents", {"project": "p", "path": "b", "title": "t", "content": "c"}),
        ("embeddings", "/vector/embed", {"texts": ["x"]}),
    ],
    indirect=["frozen"],
)
def test_a_dependency_that_hangs_is_given_up_in_time(
    patient: Aidb, frozen: str, path: str, body: dict[str, object]
) -> None:
    started = time.monotonic()
    answer = patient.http.post(path, json=body)
    assert time.monotonic() - started < 3 * PATIENCE + 5
    assert answer.status_code in (503, 504), answer.text
    assert answer.json()["error_id"]
    assert frozen in answer.json()["detail"].lower()
    wait_for("it is red", lambda: frozen in patient.ready().json().get("missing", ()), 10)


@pytest.mark.parametrize("frozen", ["redis"], indirect=True)
def test_a_redis_that_hangs_costs_a_search_a_moment_and_no_more(patient: Aidb, frozen: str) -> None:
    assert frozen == "redis"
    for number in range(5):
        started = time.monotonic()
        answer = patient.http.post("/search", json={"query": f"without redis {number}"})
        assert answer.status_code == 200, answer.text
        assert time.monotonic() - started < PATIENCE
    wait_for("it is red", lambda: patient.ready().json().get("missing") == ["redis"], 10)


def test_the_breaker_opens_and_says_so(patient: Aidb, stack: Stack) -> None:
    process: Process = stack.embeddings
    process.stop()
    try:
        for number in range(6):
            patient.http.post("/search", json={"query": f"nobody is there {number}"})
        metrics = patient.http.get("/metrics").text
        states = dict(re.findall(r'garrison_breaker_state{dependency="(\w+)"} (\S+)', metrics))
        assert states == {"embeddings": "2.0", "postgres": "0.0", "redis": "0.0"}
        words = patient.http.post("/search", json={"query": "heron", "mode": "text"})
        assert words.status_code == 200
        assert patient.http.post("/search", json={"query": "unseen"}).status_code == 503
    finally:
        process.start()
    wait_for("all is well again", lambda: patient.ready().status_code == 200, 60)


def test_a_known_query_is_answered_without_embeddings_though_redis_was_slow_a_moment_ago(
    patient: Aidb, stack: Stack
) -> None:
    known = {"query": "a heron by the weir"}
    wait_for("its vector is kept", lambda: _hits(patient, known) > 0, 30)
    stack.embeddings.stop()
    try:
        stack.signal_all_of("redis", signal.SIGSTOP)
        for number in range(3):  # from the second on it is passed over for seconds
            patient.http.post("/search", json={"query": f"slow {number}"})
        stack.signal_all_of("redis", signal.SIGCONT)
        assert patient.http.post("/search", json={"query": "unheard of"}).status_code == 503
        answer = patient.http.post("/search", json=known)
        assert answer.status_code == 200, answer.text
    finally:
        stack.signal_all_of("redis", signal.SIGCONT)
        stack.embeddings.start()
    wait_for("all is well again", lambda: patient.ready().status_code == 200, 60)


def _hits(patient: Aidb, known: dict[str, str]) -> float:
    """How many lookups the cache has answered with a vector, after one search more."""
    assert patient.http.post("/search", json=known).status_code == 200
    found = re.search(
        r'aidb_query_cache_lookups_total{result="hit"} (\S+)', patient.http.get("/metrics").text
    )
    return float(found[1]) if found else 0.0
