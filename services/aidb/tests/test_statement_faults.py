"""What PostgreSQL refuses to do is no sign that it is lost: no reader can open the breaker for everybody."""

import re

import psycopg
import pytest
from aidb.database import StatementError, told_apart
from aidb_stack import Aidb
from garrison_kit.problems import HttpProblemError
from sqlalchemy.exc import OperationalError

RULES = ["-" * 40, "-" * 10_000, f"heron {'-' * 33} egret", "- " * 200, "a -" * 3_000, "\n-" * 40 + "heron"]


@pytest.mark.parametrize("mode", ["text", "hybrid"])
@pytest.mark.parametrize("query", RULES)
def test_a_line_of_dashes_in_a_query_is_searched_around(aidb: Aidb, query: str, mode: str) -> None:
    assert aidb.reader.post("/search", json={"query": query, "mode": mode}).status_code == 200
    for path in ("/skills", "/tools"):
        assert aidb.reader.get(path, params={"query": query[:5_000]}).status_code == 200
    failures = re.search(
        r'garrison_breaker_failures_total{dependency="postgres"} (\S+)', aidb.http.get("/metrics").text
    )
    assert failures
    assert float(failures[1]) == 0


def test_words_left_out_are_still_left_out(aidb: Aidb, project: str) -> None:
    for path, content in (("one", "heron egret"), ("two", "heron")):
        document = {"project": project, "path": path, "title": path, "content": content}
        assert aidb.http.post("/documents", json=document).status_code == 201
    search = {"query": "heron -egret", "mode": "text", "project": project}
    assert [hit["path"] for hit in aidb.reader.post("/search", json=search).json()["results"]] == ["two"]


def fail_with(state: str | None) -> None:
    kind = psycopg.OperationalError if state is None else psycopg.errors.lookup(state)
    with told_apart():
        raise OperationalError("SELECT 1", {}, kind("it failed"))


@pytest.mark.parametrize("state", [None, "08006", "53300", "57P01", "57P03", "58030"])
def test_a_lost_database_stays_a_lost_database(state: str | None) -> None:
    with pytest.raises(OperationalError):
        fail_with(state)


@pytest.mark.parametrize("state", ["40P01", "55P03"])
def test_whoever_meets_another_write_may_try_again(state: str) -> None:
    with pytest.raises(HttpProblemError) as raised:
        fail_with(state)
    assert raised.value.status == 503
    assert raised.value.headers["Retry-After"]


@pytest.mark.parametrize("state", ["54000", "54001"])
def test_a_statement_that_is_too_much_is_not_a_lost_database(state: str) -> None:
    with pytest.raises(StatementError, match=state):
        fail_with(state)
