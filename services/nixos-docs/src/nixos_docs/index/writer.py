"""Writes the index of one pack."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from nixos_docs.index.layout import ENTRIES, LAYOUT, META, PAGES, fingerprint
from nixos_docs.packs import Pack
from nixos_docs.reading.page import Page, Section

_LONGEST = 6000
_PIECE = 3000


class Writer:
    """A new index file. Used as a context manager; the file is whole only after its end without an error."""

    def __init__(self, path: Path, pack: Pack) -> None:
        self._pack = pack
        self._connection = sqlite3.connect(path, isolation_level=None)
        self.entries = 0

    def __enter__(self) -> Self:
        # The file gets its name only when it is whole, so there is nothing to roll back to.
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;"
        )
        self._connection.executescript(META + (PAGES if self._pack.format == "pages" else ENTRIES))
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
        self._connection.close()

    def add_page(self, page: Page) -> None:
        """One page with its sections; of two with the same path the first stays."""
        added = self._connection.execute(
            "INSERT OR IGNORE INTO pages (path, title, text) VALUES (?, ?, ?)",
            (page.path, page.title, page.text),
        )
        if added.rowcount:
            self.entries += 1
            self._connection.executemany(
                "INSERT INTO sections (path, page, title, headings, anchor, body) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (page.path, page.title, one.title, "\n".join(one.headings), one.anchor, piece)
                    for one in page.sections
                    for piece in _cut(one)
                ),
            )

    def add_entry(self, name: str, alias: str, description: str, detail: str) -> None:
        """One package or option; ``detail`` is the rest of it as JSON."""
        self.entries += 1
        self._connection.execute(
            "INSERT INTO entries (name, alias, description, key, alias_key, detail) VALUES (?, ?, ?, ?, ?, ?)",
            (name, alias, description, name.lower(), alias.lower(), detail),
        )

    def _finish(self) -> None:
        if self._pack.format != "pages":
            self._connection.execute("INSERT INTO lengths SELECT id, length(name) FROM entries")
        tables = ("words", "beginnings") if self._pack.format == "pages" else ("words", "names")
        for table in tables:
            for command in ("rebuild", "optimize"):
                self._connection.execute(f"INSERT INTO {table} ({table}) VALUES (?)", (command,))  # noqa: S608 - ours
        meta = {
            "layout": str(LAYOUT),
            "fingerprint": fingerprint(self._pack),
            "version": self._pack.version,
            "format": self._pack.format,
            "entries": str(self.entries),
            "rows": str(self._count()),
            "built_at": str(time.time()),
        }
        self._connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
        self._connection.execute("COMMIT")
        self._connection.execute("ANALYZE")

    def _count(self) -> int:
        table = "sections" if self._pack.format == "pages" else "entries"
        return int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - one of two names


def _cut(section: Section) -> Iterator[str]:
    """The body in pieces: a section as long as a book would be found by every word and ranked by none."""
    rest = section.body
    while len(rest) > _LONGEST:
        place = next(
            (at for end in ("\n\n", "\n", " ") if (at := rest.find(end, _PIECE, _LONGEST)) > 0), _LONGEST
        )
        yield rest[:place]
        rest = rest[place:].lstrip("\n ")
    yield rest
