"""Embedding goes on beside everything else: searches pass a long import, and embedding anew undoes no import."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from aidb.embeddings import Embedder
from aidb_stack import Launch, Stack
from aidb_testbed import DIMENSION, MODEL, wait_for
from garrison_kit.embedding import Expected

INFO = {"model": MODEL, "dimensions": DIMENSION}
VECTOR = [1.0] + [0.0] * (DIMENSION - 1)


def test_a_query_does_not_wait_for_a_whole_import_to_be_embedded() -> None:
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/info":
            return httpx.Response(200, json=INFO)
        inputs = json.loads(request.content)["inputs"]
        asked.extend(inputs)
        await asyncio.sleep(0.001)
        return httpx.Response(200, json=[VECTOR] * len(inputs))

    async def run() -> None:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(answer), base_url="http://embeddings"
        ) as client:
            embedder = Embedder(client, Expected(model=MODEL, dimension=DIMENSION), batch=1)
            importing = asyncio.create_task(embedder.embed([f"part {number:03}" for number in range(100)]))
            while not asked:
                await asyncio.sleep(0)
            await embedder.embed(["a query"])
            assert not importing.done()
            await importing

    asyncio.run(run())
    assert asked.index("a query") < 10


class _Slow(BaseHTTPRequestHandler):
    """An embeddings service of the agreed model, whose first answer comes when ``go`` is set."""

    begun, go = threading.Event(), threading.Event()

    def do_GET(self) -> None:
        self._answer(INFO)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.begun.is_set():
            self.begun.set()
            self.go.wait(60)
        self._answer([VECTOR for _ in body["inputs"]])

    def _answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[str]:
    """The URL of that service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    _Slow.go.set()
    server.shutdown()
    server.server_close()


def test_embedding_anew_leaves_alone_what_was_imported_meanwhile(
    stack: Stack, launch: Launch, slow: str
) -> None:
    document = {"project": "p", "path": "a", "title": "Old", "content": "A heron.", "collection": "old"}
    stack.postgres.make_database("meanwhile")
    first = launch("meanwhile")
    first.wait_until_ready()
    assert first.http.post("/documents", json=document).status_code == 201
    first.close()
    with stack.postgres.connect("meanwhile") as connection:
        connection.execute("UPDATE documents SET model = 'older'")
    aidb = launch("meanwhile", embeddings_url=slow)
    aidb.wait_until_ready()
    assert aidb.admin.post("/documents/reembed").status_code == 202
    assert _Slow.begun.wait(30)
    moved = {**document, "title": "New", "collection": "new"}
    assert aidb.http.post("/documents", json=moved).json()["status"] == "updated"
    _Slow.go.set()
    wait_for("embedding anew ends", lambda: not aidb.admin.get("/documents/reembed").json()["running"])
    with stack.postgres.connect("meanwhile") as connection:
        rows = connection.execute("SELECT collection, title FROM chunks").fetchall()
    assert rows == [("new", "New")]
    assert aidb.reader.get("/stats").json()["stale_documents"] == 0
