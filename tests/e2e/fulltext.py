"""The yardstick: PostgreSQL's own full-text search over whole documents, without anything of aidb's."""

import json
from collections.abc import Sequence

from garrison.plan.step import LIB, Command
from tests.compliance.live import LiveHost
from tests.e2e.quality import DEPTH, Question, Score

PSQL = "psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --host=/tmp/socket"
EVERY_WORD = "websearch_to_tsquery('english', ask)"
ANY_WORD = "replace(plainto_tsquery('english', ask)::text, ' & ', ' | ')::tsquery"
PLAIN = "to_tsvector('english', title || ' ' || content)"
WEIGHED = "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', content), 'B')"
WAYS = {
    "PostgreSQL, every word (`websearch_to_tsquery`)": (PLAIN, EVERY_WORD, "ts_rank(words, query)"),
    "PostgreSQL, any word": (PLAIN, ANY_WORD, "ts_rank(words, query)"),
    "PostgreSQL, any word, by length": (PLAIN, ANY_WORD, "ts_rank(words, query, 1)"),
    "PostgreSQL, any word, title first": (WEIGHED, ANY_WORD, "ts_rank(words, query)"),
    "PostgreSQL, any word, title first, by length": (WEIGHED, ANY_WORD, "ts_rank(words, query, 1)"),
}
SQL = """
WITH asked AS (
    SELECT number, {query} AS query FROM json_to_recordset($asked${asked}$asked$) AS row(number int, ask text)
), pages AS MATERIALIZED (
    SELECT path, {words} AS words FROM documents WHERE project = '{project}'
), ranked AS (
    SELECT number, path, row_number() OVER (PARTITION BY number ORDER BY {rank} DESC, path) AS place
    FROM asked JOIN pages ON words @@ query
), best AS (
    SELECT number, json_agg(path ORDER BY place) AS paths FROM ranked WHERE place <= {depth} GROUP BY number
)
SELECT json_object_agg(number, paths) FROM best
"""


def score_fulltext(host: LiveHost, project: str, questions: Sequence[Question]) -> list[Score]:
    """Ask every question in each way, in the database itself."""
    asked = json.dumps([{"number": number, "ask": one.ask} for number, one in enumerate(questions)])
    scores = []
    for way, (words, query, rank) in WAYS.items():
        sql = SQL.format(asked=asked, words=words, query=query, rank=rank, project=project, depth=DEPTH)
        line = f"{LIB}/as-stack podman exec -i garrison-postgres {PSQL} --username=postgres --dbname=aidb"
        found = json.loads(host.ask(Command(line=line, stdin=sql)))
        paths = {one: found.get(str(number), []) for number, one in enumerate(questions)}
        scores.append(Score(way=way, found=paths))
    return scores
