"""Searches of aidb with many chunks stored, beside the same SQL by psycopg: ``aidb_search.py ROUNDS CHUNKS``.

Standard input is a JSON object of texts: the stored vectors lie around those of ``real``, what the chunks say is of
``contents``, and ``questions`` are asked. Answers in JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from struct import pack
from typing import Any

import numpy as np
import psycopg
from aidb.database import open_engine
from aidb.requests import Search
from aidb.search import Searcher
from aidb.settings import Settings
from aidb_testbed import PASSWORD
from asking import Asker
from sqlalchemy import event
from testbed import DATABASE, Testbed, running
from vectors import Matrix, as_field, binary_rows, spread

ROUNDS, CHUNKS = map(int, sys.argv[1:])
A_DOCUMENT, BATCH = 10, 32
SIDES = {
    "vector": {"mode": "vector", "group": "chunk", "limit": 10},
    "hybrid": {"mode": "hybrid", "group": "document", "limit": 10},
}
COLUMNS = "document_id, project, collection, position, title, content, embedding"
Statement = tuple[str, dict[str, Any]]


def say(what: str) -> None:
    """Progress, for whoever waits: loading takes minutes."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)  # noqa: T201


def embed(testbed: Testbed, texts: list[str]) -> Matrix:
    """Their real vectors."""
    asker = testbed.ask_embeddings()
    found = [asker.ask("/embed", {"inputs": texts[at : at + BATCH]}) for at in range(0, len(texts), BATCH)]
    return np.array([vector for batch in found for vector in batch], dtype=np.float32)


def make_rows(documents: list[int], texts: list[str], vectors: Matrix) -> Iterator[tuple[bytes, ...]]:
    dice = random.Random(7)  # noqa: S311 - nothing secret about it
    for number, vector in enumerate(vectors):
        at, position = divmod(number, A_DOCUMENT)
        content = dice.choice(texts).encode()
        identifier, place = pack("!q", documents[at]), pack("!i", position)
        yield identifier, b"bench", b"bench", place, f"Document {at}".encode(), content, as_field(vector)


def load(testbed: Testbed, texts: list[str], vectors: Matrix) -> None:
    """Documents and chunks by COPY; the two big indexes are made again afterwards, as they were."""
    with testbed.postgres.connect(DATABASE) as link:
        say("storing documents")
        link.execute("SET maintenance_work_mem = '1GB'")
        made = link.execute(
            "INSERT INTO documents (project, path, collection, title, content_type, content, checksum, size_bytes,"
            " metadata, model, chunk_count) SELECT 'bench', n::text, 'bench', 'Document ' || n, 'text/plain', 'x',"
            " repeat('0', 64), 1, '{}', 'all-MiniLM-L6-v2', %s FROM generate_series(1, %s) n RETURNING id",
            (A_DOCUMENT, len(vectors) // A_DOCUMENT),
        ).fetchall()
        names = ["chunks_words", "chunks_embedding"]
        indexes = link.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = ANY(%s)", (names,)
        ).fetchall()
        link.execute(f"DROP INDEX {', '.join(names)}")
        say("storing chunks")
        with link.cursor().copy(f"COPY chunks ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
            for part in binary_rows(make_rows([one for (one,) in made], texts, vectors)):
                copy.write(part)
        for (definition,) in indexes:
            say(definition)
            link.execute(definition)
        link.execute("VACUUM ANALYZE chunks")


async def capture(testbed: Testbed, bodies: list[dict[str, Any]], vectors: Matrix) -> list[list[Statement]]:
    """The statements that aidb's own search sends for each query, from the second time on."""
    settings = Settings(
        postgres_host="127.0.0.1", postgres_port=testbed.postgres.port, postgres_database=DATABASE
    )
    engine = open_engine(settings, PASSWORD, pool=1, pool_timeout=5)
    searcher, seen, found = Searcher(settings.exact_limit), list[Statement](), []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    async with engine.connect() as connection:
        for body, vector in zip(bodies, vectors, strict=True):
            for _ in range(2):
                seen.clear()
                await searcher.search(connection, Search(**body), vector.tolist())
            found.append(list(seen))
    await engine.dispose()
    return found


def same_session(testbed: Testbed) -> psycopg.Connection:
    """A connection of psycopg's own, set up as aidb's."""
    from aidb.database import _SESSION

    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    place = {"host": "127.0.0.1", "port": testbed.postgres.port, "dbname": DATABASE}
    return psycopg.connect(**place, user="aidb", password=PASSWORD, options=options, autocommit=True)


def by_psycopg(link: psycopg.Connection, statements: list[Statement]) -> float:
    """Seconds."""
    began = time.perf_counter()
    for statement, parameters in statements:
        link.execute(statement, parameters).fetchall()
    return time.perf_counter() - began


def recall(testbed: Testbed, aidb: Asker, bodies: list[dict[str, Any]], vectors: Matrix) -> float:
    """The part of the ten nearest chunks by exact comparison that aidb finds."""
    nearest = "SELECT id FROM chunks ORDER BY embedding <=> %s::vector LIMIT 10"
    with testbed.postgres.connect(DATABASE) as link:
        link.execute("SET enable_indexscan = off")
        shares = []
        for body, vector in zip(bodies, vectors, strict=True):
            exact = {one for (one,) in link.execute(nearest, (str(vector.tolist()),)).fetchall()}
            hits = {hit["chunk_id"] for hit in aidb.ask("/search", body)["results"]}
            shares.append(len(exact & hits) / 10)
    return sum(shares) / len(shares)


def measure(testbed: Testbed, given: dict[str, list[str]]) -> dict[str, Any]:
    """Seconds of each search on both sides, in turns, and the recall of the vector search."""
    questions = given["questions"]
    say("embedding")
    asked = embed(testbed, questions)
    load(testbed, given["contents"], spread(embed(testbed, given["real"]), CHUNKS))
    aidb, found = testbed.ask_aidb(), dict[str, Any]()
    for side, wanted in SIDES.items():
        say(f"asking, {side}")
        bodies = [{"query": question, **wanted} for question in questions]
        sent = [json.dumps(body).encode() for body in bodies]
        statements = asyncio.run(capture(testbed, bodies, asked))
        for body in sent:  # their vectors are in the cache from here
            aidb.send("/search", body)
        times: dict[str, list[float]] = {"aidb": [], "psycopg": []}
        with same_session(testbed) as link:
            for number in range(ROUNDS + 1):
                for body, sql in zip(sent, statements, strict=True):
                    seconds = by_psycopg(link, sql), aidb.send("/search", body)[0]
                    if number:
                        times["psycopg"].append(seconds[0])
                        times["aidb"].append(seconds[1])
        found[side] = times | {"statements": len(statements[0])}
        if side == "vector":
            found["recall"] = recall(testbed, aidb, bodies, asked)
    return found


with running() as testbed:
    print(json.dumps(measure(testbed, json.load(sys.stdin))))  # noqa: T201 - the result
