"""Model and dimension are those of the catalog, or the service says so and keeps its hands off vectors."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import wait_for

DOCUMENT = {"project": "p", "path": "a", "title": "Birds", "content": "A heron stands in the water."}


class _WideModel(BaseHTTPRequestHandler):
    """An embeddings service whose model makes vectors of eight numbers."""

    def do_GET(self) -> None:
        self._answer({"model": "wide", "dimensions": 8})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer([[float(len(text)), 1, 0, 0, 0, 0, 0, 0] for text in body["inputs"]])

    def _answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def wide() -> Iterator[str]:
    """The URL of that service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _WideModel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def filled(request: pytest.FixtureRequest, stack: Stack, launch: Launch) -> str:
    """A database with one document of the usual model."""
    name = request.node.originalname.removeprefix("test_")[:40]
    stack.postgres.make_database(name)
    aidb = launch(name)
    aidb.wait_until_ready()
    assert aidb.http.post("/documents", json=DOCUMENT).status_code == 201
    aidb.close()
    return str(name)


def test_a_catalog_that_names_another_dimension_than_the_database_is_red_and_names_all_three(
    launch: Launch, filled: str
) -> None:
    aidb = launch(filled, embedding_model="large", embedding_dimension=768)
    wait_for("the schema is there", lambda: aidb.ready().json()["checks"]["postgres"] == "ok")
    said = aidb.ready().json()["checks"]["embeddings"]
    assert aidb.ready().json()["missing"] == ["embeddings"]
    assert all(word in said for word in ("large", "768", "all-MiniLM-L6-v2", "384")), said
    search = aidb.http.post("/search", json={"query": "heron"})
    assert (search.status_code, "768" in search.json()["detail"]) == (503, True)
    assert aidb.http.post("/documents", json={**DOCUMENT, "path": "b"}).status_code == 503
    words = aidb.http.post("/search", json={"query": "heron", "mode": "text"}).json()
    assert len(words["results"]) == 1


def test_without_the_catalogs_model_there_is_no_start(launch: Launch) -> None:
    aidb = launch("none", raw={"GARRISON_EMBEDDING_MODEL": ""})
    assert aidb.process.wait() == 2
    assert "GARRISON_EMBEDDING_MODEL" in aidb.process.log.read_text()


def test_an_empty_table_takes_the_new_dimension(stack: Stack, launch: Launch, wide: str) -> None:
    stack.postgres.make_database("emptied")
    launch("emptied").wait_until_ready()
    aidb = launch("emptied", embedding_model="wide", embedding_dimension=8, embeddings_url=wide)
    aidb.wait_until_ready()
    assert aidb.http.post("/documents", json=DOCUMENT).status_code == 201
    assert aidb.http.post("/search", json={"query": "heron"}).json()["results"]


def wait_until_embedded(aidb: Aidb) -> None:
    wait_for("all is embedded anew", lambda: not aidb.admin.get("/documents/reembed").json()["running"])


def test_documents_of_another_model_are_counted_and_embedded_anew(
    stack: Stack, launch: Launch, filled: str
) -> None:
    with stack.postgres.connect(filled) as connection:
        connection.execute("UPDATE documents SET model = 'older'")
        connection.execute("UPDATE chunks SET embedding = array_fill(0.05, ARRAY[384])::vector")
    aidb = launch(filled)
    aidb.wait_until_ready()
    before = aidb.reader.get("/documents/1").json()
    assert aidb.reader.get("/stats").json()["stale_documents"] == 1
    assert aidb.http.post("/documents/reembed").status_code == 403
    assert aidb.admin.post("/documents/reembed").status_code == 202
    wait_until_embedded(aidb)
    assert aidb.admin.get("/documents/reembed").json()["done"] == 1
    assert aidb.reader.get("/stats").json()["stale_documents"] == 0
    assert aidb.reader.get("/documents/1").json() == before
    found = aidb.reader.post("/search", json={"query": "wading bird", "mode": "vector"}).json()
    assert found["results"][0]["score"] > 0.3


def test_sent_again_a_document_of_another_model_is_embedded_anew(
    stack: Stack, launch: Launch, filled: str
) -> None:
    with stack.postgres.connect(filled) as connection:
        connection.execute("UPDATE documents SET model = 'older'")
    aidb = launch(filled)
    aidb.wait_until_ready()
    assert aidb.http.post("/documents", json=DOCUMENT).json()["status"] == "updated"
    assert aidb.reader.get("/stats").json()["stale_documents"] == 0


def test_vectors_are_not_dropped_while_nobody_could_make_new_ones(
    stack: Stack, launch: Launch, filled: str
) -> None:
    aidb = launch(filled, embedding_model="wide", embedding_dimension=8)
    wait_for("the schema is there", lambda: aidb.ready().json()["checks"]["postgres"] == "ok")
    answer = aidb.admin.post("/documents/reembed", json={"drop_vectors": True})
    assert (answer.status_code, "wide" in answer.json()["detail"]) == (503, True)
    with stack.postgres.connect(filled) as connection:
        assert connection.execute("SELECT count(*) FROM chunks").fetchall() == [(1,)]


def test_vectors_of_another_dimension_are_dropped_only_when_an_admin_says_so(
    launch: Launch, filled: str, wide: str
) -> None:
    aidb = launch(filled, embedding_model="wide", embedding_dimension=8, embeddings_url=wide)
    wait_for("the schema is there", lambda: aidb.ready().json()["checks"]["postgres"] == "ok")
    refused = aidb.admin.post("/documents/reembed")
    assert (refused.status_code, "384" in refused.json()["detail"]) == (409, True)
    assert aidb.admin.post("/documents/reembed", json={"drop_vectors": True}).status_code == 202
    wait_until_embedded(aidb)
    aidb.wait_until_ready()
    assert aidb.http.post("/search", json={"query": "heron", "mode": "vector"}).json()["results"]
