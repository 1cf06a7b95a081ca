"""Searches packages and options by name first, then by what is said about them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nixos_docs.index.shelf import Book
from nixos_docs.search.engine import Reading
from nixos_docs.search.query import Question

# Tiers: 0 the very name, 1 a name that begins so, 2 a name that holds it, 3 words of name and description.
_FIND = """
WITH hits (id, tier, score) AS (
    SELECT id, iif(key = :key, 0, 1), 0.0 FROM entries WHERE key >= :key AND key < :beyond
    UNION ALL
    SELECT id, iif(alias_key = :key, 0, 1), 0.0 FROM entries WHERE alias_key >= :key AND alias_key < :beyond
    {names}
    UNION ALL
    SELECT rowid, 3, rank FROM words WHERE words MATCH :words
), best (id, tier, score) AS (
    SELECT id, min(tier), min(score) FROM hits GROUP BY id
)
SELECT best.tier, lengths.length, best.score, best.id, count(*) OVER ()
FROM best JOIN lengths USING (id) ORDER BY 1, iif(best.tier = 3, 0, lengths.length), 3, 4 LIMIT :most
"""
_NAMES = "UNION ALL SELECT rowid, 2, 0.0 FROM names WHERE names MATCH :names"
_SHOW = "SELECT name, alias, description, detail FROM entries WHERE id = ?"
_LAST = "\U0010ffff"
_TRIGRAM = 3


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A package or an option."""

    book: Book
    name: str
    alias: str
    description: str
    detail: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of entries, and how many there are in all."""

    entries: tuple[Entry, ...]
    total: int


def search_entries(
    reading: Reading, books: Sequence[Book], text: str, question: Question, limit: int, offset: int
) -> Found:
    """The entries from ``offset`` on, the nearest name first."""
    found, total = [], 0
    for at, book in enumerate(books):
        with reading.open(book) as connection:
            rows = connection.execute(*_ask(text, question, limit + offset)).fetchall()
        total += rows[0][-1] if rows else 0
        # Among names the shorter is the nearer; among descriptions the better match.
        found += [
            ((tier, 0 if tier == 3 else length, score, at, row), book) for tier, length, score, row, _ in rows
        ]
    found.sort(key=lambda one: one[0])
    entries = (_show(reading, book, key[-1]) for key, book in found[offset : offset + limit])
    return Found(entries=tuple(entries), total=total)


def _ask(text: str, question: Question, most: int) -> tuple[str, dict[str, object]]:
    key = text.strip().lower()
    # Half the words there are begin with a given letter; of two letters and fewer only whole words are wanted.
    words = " ".join(term.render(prefix=len(term.text) >= _TRIGRAM) for term in question.terms)
    names = list(_trigrams(question))
    statement = _FIND.format(names=_NAMES if names else "")
    values: dict[str, object] = {"key": key, "beyond": key + _LAST, "words": words, "most": most}
    return statement, values | ({"names": " ".join(names)} if names else {})


def _trigrams(question: Question) -> Iterator[str]:
    """The terms for the index of names; none unless each has the three letters that it asks for."""
    if all(len(term.text) >= _TRIGRAM for term in question.terms):
        yield from ('"' + term.text.replace('"', '""') + '"' for term in question.terms)


def _show(reading: Reading, book: Book, row: int) -> Entry:
    with reading.open(book) as connection:
        name, alias, description, detail = connection.execute(_SHOW, (row,)).fetchone()
    return Entry(book=book, name=name, alias=alias, description=description, detail=json.loads(detail))
