"""Searches of nixos-docs beside the same SQL by sqlite3: ``nixos_search.py ROUNDS``.

Standard input is a JSON object: ``pages`` by path, and ``questions``. Answers in JSON.
"""

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asking import Asker
from docs_testbed import READER, Upstream, make_docs, running, tar, wait_for
from nixos_docs.index.shelf import Book, Shelf
from nixos_docs.packs import Pack
from nixos_docs.search.pages import search_pages
from nixos_docs.search.query import parse
from pacing import in_turns

ROUNDS = int(sys.argv[1])
LIMIT = 10


class Recorded:
    """The index as nixos-docs opens it, and every statement that its own search sends."""

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        shelf = Shelf(folder, [Pack.model_validate(record)])
        found = shelf._read(shelf.packs[record["name"]], shelf._path(record["name"]))
        if found is None:
            sys.exit("the index can't be read")
        self.book: Book = found
        self.connection: sqlite3.Connection = shelf.connection(found)
        self.seen: list[str] = []

    @contextmanager
    def open(self, _: Book) -> Iterator[sqlite3.Connection]:
        self.connection.set_trace_callback(self._note)
        yield self.connection
        self.connection.set_trace_callback(None)

    def _note(self, statement: str) -> None:
        if not statement.startswith("--"):  # what FTS5 asks its own tables
            self.seen.append(statement)

    def statements(self, question: str) -> list[str]:
        self.seen.clear()
        search_pages(self, [self.book], parse(question), LIMIT, 0)
        return list(self.seen)

    def run(self, statements: list[str]) -> float:
        """Seconds."""
        began = time.perf_counter()
        for statement in statements:
            self.connection.execute(statement).fetchall()
        return time.perf_counter() - began


given = json.load(sys.stdin)
with tempfile.TemporaryDirectory(prefix="garrison-bench-") as temporary:
    upstream = Upstream()
    pack = upstream.offer("python", tar(given["pages"]), strip=1)
    docs = make_docs(Path(temporary) / "docs", sync_seconds=600, stall_seconds=60)
    try:
        with running(docs, pack):
            wait_for("the pack is indexed", lambda: docs.sources()["python"]["state"] == "ready", 600)
            recorded = Recorded(docs.data, pack)
            sql = [recorded.statements(question) for question in given["questions"]]
            bodies = [
                json.dumps({"query": question, "limit": LIMIT}).encode() for question in given["questions"]
            ]
            asker = Asker(docs.port, READER)
            times = in_turns(
                [lambda at: recorded.run(sql[at]), lambda at: asker.send("/search", bodies[at])[0]],
                len(bodies),
                ROUNDS,
            )
            answer = {"sqlite3": times[0], "nixos-docs": times[1], "rows": recorded.book.rows}
    finally:
        upstream.close()
print(json.dumps(answer))  # noqa: T201 - the result
