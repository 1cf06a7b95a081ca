"""Readiness goes red for each thing that is missing, and says which."""

import json
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import Process, free_port, wait_for


@pytest.fixture(scope="module")
def watched(stack: Stack, launch: Launch) -> Aidb:
    stack.postgres.make_database("watched")
    aidb = launch("watched")
    aidb.wait_until_ready()
    return aidb


@pytest.fixture
def stopped(request: pytest.FixtureRequest, stack: Stack, watched: Aidb) -> Iterator[str]:
    """A dependency, stopped for one test."""
    name: str = request.param
    process: Process = stack.postgres.process if name == "postgres" else getattr(stack, name)
    process.stop(signal.SIGINT if name == "postgres" else signal.SIGTERM)
    yield name
    process.start()
    watched.wait_until_ready()


@pytest.mark.parametrize("stopped", ["postgres", "redis", "embeddings"], indirect=True)
def test_readiness_names_what_is_stopped_while_the_process_lives(watched: Aidb, stopped: str) -> None:
    wait_for("not ready", lambda: watched.ready().status_code == 503, 10)
    assert watched.ready().json()["missing"] == [stopped]
    assert watched.http.get("/health/live").status_code == 200


@pytest.mark.parametrize("stopped", ["redis"], indirect=True)
def test_without_redis_searches_still_answer(watched: Aidb, stopped: str) -> None:
    assert stopped == "redis"
    for query in ("one", "one", "two"):
        assert watched.http.post("/search", json={"query": query}).status_code == 200


@pytest.mark.parametrize(
    ("stopped", "path"), [("postgres", "/search"), ("embeddings", "/search")], indirect=["stopped"]
)
def test_a_request_that_needs_what_is_stopped_gets_a_503(watched: Aidb, stopped: str, path: str) -> None:
    answer = watched.http.post(path, json={"query": f"never asked before {stopped}"})
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0


@pytest.fixture
def known_query(watched: Aidb) -> str:
    """A query whose vector is in the cache. Redis may have been away just now, and aidb passes it over for a while."""
    hits = 'aidb_query_cache_lookups_total{result="hit"}'

    def is_kept() -> bool:
        before = _value(watched, hits)
        assert watched.http.post("/search", json={"query": "a known one"}).status_code == 200
        return _value(watched, hits) > before

    wait_for("the query's vector is kept", is_kept, 30)
    return "a known one"


def _value(aidb: Aidb, series: str) -> float:
    lines = aidb.http.get("/metrics").text.splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(series)), 0.0)


@pytest.mark.parametrize("stopped", ["embeddings"], indirect=True)
def test_without_embeddings_a_known_query_and_a_text_search_still_answer(
    watched: Aidb, known_query: str, stopped: str
) -> None:
    assert stopped == "embeddings"
    assert watched.http.post("/search", json={"query": known_query}).status_code == 200
    assert watched.http.post("/search", json={"query": "three", "mode": "text"}).status_code == 200


class _OtherModel(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"model": "other", "dimensions": 768}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_model_of_another_dimension_is_refused_with_both_numbers(stack: Stack, launch: Launch) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _OtherModel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.postgres.make_database("mismatch")
    aidb = launch("mismatch", embeddings_url=f"http://127.0.0.1:{server.server_port}")
    try:
        wait_for("the schema is there", lambda: aidb.ready().json()["checks"]["postgres"] == "ok")
        assert aidb.ready().json()["missing"] == ["embeddings"]
        assert "768" in aidb.ready().json()["checks"]["embeddings"]
        assert "384" in aidb.ready().json()["checks"]["embeddings"]
    finally:
        aidb.process.stop()
        server.shutdown()
        server.server_close()


def test_a_database_that_comes_late_is_waited_for(stack: Stack, launch: Launch) -> None:
    aidb = launch("late")
    wait_for("aidb lives", lambda: aidb.http.get("/health/live").status_code == 200)
    assert aidb.ready().status_code == 503
    assert aidb.http.post("/search", json={"query": "x"}).status_code == 503
    stack.postgres.make_database("late")
    aidb.wait_until_ready()


def test_a_database_that_never_comes_ends_the_process_with_an_error(launch: Launch) -> None:
    aidb = launch("never", postgres_port=free_port(), startup_patience=2)
    assert aidb.process.wait() == 1


def test_told_to_stop_the_process_ends_with_zero(stack: Stack, launch: Launch) -> None:
    stack.postgres.make_database("stopping")
    aidb = launch("stopping")
    aidb.wait_until_ready()
    assert aidb.process.stop() == 0
