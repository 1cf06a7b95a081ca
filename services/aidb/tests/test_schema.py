"""Migrations make the schema once, and say what a database lacks."""

import pytest
from aidb_stack import Launch, Stack
from aidb_testbed import wait_for


def test_two_that_start_at_once_on_a_fresh_database_both_get_ready(stack: Stack, launch: Launch) -> None:
    stack.postgres.make_database("twins")
    twins = [launch("twins"), launch("twins")]
    for aidb in twins:
        aidb.wait_until_ready()
    with stack.postgres.connect("twins") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]


def test_the_schema_has_the_indexes_that_searches_use(stack: Stack, launch: Launch) -> None:
    stack.postgres.make_database("indexed")
    launch("indexed").wait_until_ready()
    with stack.postgres.connect("indexed") as connection:
        rows = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'chunks'").fetchall()
    definitions = " ".join(definition for (definition,) in rows)
    assert "USING hnsw (embedding vector_cosine_ops)" in definitions
    assert "USING gin (words)" in definitions


def test_a_database_without_the_extension_is_named_with_its_remedy(stack: Stack, launch: Launch) -> None:
    stack.postgres.make_database("bare", with_vector=False)
    aidb = launch("bare")
    wait_for("the reason is known", lambda: "CREATE EXTENSION" in aidb.ready().json()["checks"]["postgres"])
    with stack.postgres.connect("bare") as connection:
        connection.execute("CREATE EXTENSION vector")
    aidb.wait_until_ready()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("embedings_url", "http://x"),
        ("port", "0"),
        ("embeddings_url", "ftp://x"),
        ("clients_file", "/nowhere.json"),
        ("secrets_dir", "/nowhere"),
        ("log_level", "LOUD"),
    ],
)
def test_a_wrong_setting_stops_the_start(launch: Launch, setting: str, value: str) -> None:
    aidb = launch("none", **{setting: value})
    assert aidb.process.wait() == 2
    line = aidb.process.log.read_text()
    assert "cannot_start" in line
    assert setting.split("_")[-1] in line.lower() or "nowhere" in line
