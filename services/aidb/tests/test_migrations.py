"""Each step of the schema goes up, down and up again, on a fresh database and on one that holds data."""

from importlib import resources
from typing import Any

import pytest
from aidb_schema import connected, describe, move
from aidb_stack import Launch, Stack

NEWEST = "0002"
REVISIONS = sorted(
    file.name[1:5]
    for file in resources.files("aidb.migrations.versions").iterdir()
    if file.name.startswith("m0")
)
DOCUMENT = (
    "INSERT INTO documents (project, path, collection, title, content_type, content, checksum, size_bytes, metadata, "
    "model, chunk_count) VALUES ('old', 'a', 'c', 'Birds', 'text/plain', 'A heron.', repeat('a', 64), 8, '{}', "
    "'all-MiniLM-L6-v2', 1)"
)
CHUNK = (
    "INSERT INTO chunks (document_id, project, collection, position, title, content, embedding) "
    "SELECT id, 'old', 'c', 0, 'Birds', 'A heron.', array_fill(0.05, ARRAY[384])::vector FROM documents"
)


def test_the_newest_revision_is_the_last_file() -> None:
    assert REVISIONS[-1] == NEWEST


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_step_down_and_up_again_leaves_the_same_schema(stack: Stack, revision: str) -> None:
    database = f"steps_{revision}"
    stack.postgres.make_database(database)
    move(stack, database, revision)
    before = describe(stack, database)
    move(stack, database, "--1")
    assert describe(stack, database) != before
    move(stack, database, revision)
    assert describe(stack, database) == before


def test_all_the_way_down_leaves_nothing_behind(stack: Stack) -> None:
    stack.postgres.make_database("bottom")
    move(stack, "bottom", "head")
    move(stack, "bottom", "-base")
    assert {table for table, *_ in describe(stack, "bottom")} == {"alembic_version"}


def test_a_database_of_the_first_revision_keeps_its_documents(stack: Stack, launch: Launch) -> None:
    stack.postgres.make_database("first")
    move(stack, "first", "0001")
    with connected(stack, "first") as connection:
        connection.exec_driver_sql(DOCUMENT)
        connection.exec_driver_sql(CHUNK)
    aidb = launch("first")
    aidb.wait_until_ready()
    found: dict[str, Any] = aidb.http.post("/search", json={"query": "heron", "mode": "text"}).json()
    assert [hit["path"] for hit in found["results"]] == ["a"]
    assert aidb.reader.get("/stats").json()["stale_documents"] == 0
    assert aidb.reader.get("/skills").json()["total"] == 0
    aidb.close()
    move(stack, "first", "-0001")
    with connected(stack, "first") as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM documents JOIN chunks ON true").scalar() == 1


@pytest.mark.parametrize(("dimension", "storage"), [(3, "p"), (768, "p"), (1536, "e")])
def test_a_fresh_database_gets_vectors_of_the_agreed_dimension(
    stack: Stack, dimension: int, storage: str
) -> None:
    database = f"dimension_{dimension}"
    stack.postgres.make_database(database)
    move(stack, database, "head", dimension=dimension)
    assert ("chunks", "embedding", f"vector({dimension}){storage}true") in describe(stack, database)
