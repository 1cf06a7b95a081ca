"""What an index file holds, and how one is told from another."""

import hashlib

from nixos_docs.packs import Pack

# Counts up when the tables or the readers change: every pack is then indexed anew,
# and what was indexed before is no longer opened.
LAYOUT = 2

META = "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
PAGES = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE sections (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, page TEXT NOT NULL, title TEXT NOT NULL, headings TEXT NOT NULL,
    anchor TEXT NOT NULL, body TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(
    page, title, headings, body,
    content='sections', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(4.0, 6.0, 2.0, 1.0)');
-- Words as they are written: the beginning of a word may be longer than its stem.
CREATE VIRTUAL TABLE beginnings USING fts5(
    page, title, headings, body,
    content='sections', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='3'
);
INSERT INTO beginnings (beginnings, rank) VALUES ('rank', 'bm25(4.0, 6.0, 2.0, 1.0)');
"""
ENTRIES = """
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, alias TEXT NOT NULL, description TEXT NOT NULL,
    key TEXT NOT NULL, alias_key TEXT NOT NULL, detail TEXT NOT NULL
);
-- What entries are sorted by, without reading the rest of them.
CREATE TABLE lengths (id INTEGER PRIMARY KEY, length INTEGER NOT NULL);
CREATE INDEX entries_key ON entries (key);
CREATE INDEX entries_alias_key ON entries (alias_key);
CREATE VIRTUAL TABLE words USING fts5(
    name, alias, description,
    content='entries', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2', prefix='3'
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(8.0, 8.0, 1.0)');
CREATE VIRTUAL TABLE names USING fts5(name, alias, content='entries', content_rowid='id', tokenize='trigram');
"""


def fingerprint(pack: Pack) -> str:
    """Tells whether an index is the one that the list asks for: content, what is taken of it, and our own layout."""
    said = pack.model_dump_json(exclude={"title", "base_url", "hosts", "insecure", "url"})
    return hashlib.sha256(f"{LAYOUT} {said}".encode()).hexdigest()
