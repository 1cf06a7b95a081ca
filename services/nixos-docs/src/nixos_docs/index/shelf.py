"""The indexes in force: which packs can be searched, and connections to them for each thread."""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import structlog

from nixos_docs.index.layout import LAYOUT, fingerprint
from nixos_docs.packs import Pack

_ENDING = ".sqlite"
_MMAP = 512 * 1024 * 1024
_log = structlog.get_logger("nixos_docs.shelf")


@dataclass(frozen=True, kw_only=True)
class Book:
    """One index in force; ``serial`` changes whenever another file takes its place."""

    pack: Pack
    serial: int
    version: str
    is_current: bool
    entries: int
    rows: int
    built_at: float


class Shelf:
    """One file a pack under ``folder/packs``; a new one replaces the old one by its name alone, at once."""

    def __init__(self, folder: Path, packs: Iterable[Pack]) -> None:
        self.packs: Mapping[str, Pack] = {pack.name: pack for pack in packs}
        self._folder, self._staging = folder / "packs", folder / "staging"
        self._books: dict[str, Book] = {}
        self._serial = 0
        self._local = threading.local()

    @property
    def books(self) -> Mapping[str, Book]:
        """What can be searched, by the pack's name."""
        return self._books

    @property
    def staging(self) -> Path:
        """Where syncs work; on the file system of the indexes."""
        return self._staging

    def open(self) -> None:
        """Find what is there; remove what an interrupted sync left and packs that are no longer listed.

        Raises OSError when the folder can't be written.
        """
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            pack = self.packs.get(path.name.removesuffix(_ENDING))
            book = self._read(pack, path) if pack and path.name.endswith(_ENDING) else None
            if book is None:
                _log.info("index_removed", file=path.name)
                path.unlink()
            else:
                self._books[book.pack.name] = book

    def put(self, pack: Pack, built: Path) -> Book:
        """Put the index in the file ``built`` in force. Raises OSError or sqlite3.Error when that can't be done."""
        book = self._read(pack, built)
        if book is None:
            raise sqlite3.DatabaseError("the new index can't be read")
        _flush(built)
        built.replace(self._path(pack.name))
        _flush(self._folder)
        self._books = {**self._books, pack.name: book}
        return book

    def connection(self, book: Book) -> sqlite3.Connection:
        """This thread's connection to the index of ``book``. Raises sqlite3.Error when it can't be read."""
        open_here: dict[str, tuple[int, sqlite3.Connection]] | None = getattr(self._local, "open", None)
        if open_here is None:
            open_here = self._local.open = {}
        serial, connection = open_here.get(book.pack.name, (-1, None))
        if connection is None or serial != book.serial:
            if connection is not None:
                connection.close()
            connection = _connect(self._path(book.pack.name))
            open_here[book.pack.name] = (book.serial, connection)
        return connection

    def check_index(self) -> None:
        """For readiness. Raises sqlite3.Error when an index that is in force can't be read."""
        for book in self._books.values():
            connection = _connect(self._path(book.pack.name))
            try:
                connection.execute("SELECT value FROM meta WHERE name = 'rows'").fetchone()
            finally:
                connection.close()

    def check_disk(self) -> None:
        """For readiness. Raises OSError when nothing can be written."""
        probe = self._staging / f"probe-{os.getpid()}-{time.monotonic_ns()}"
        probe.write_bytes(b"0" * 4096)
        probe.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_ENDING}"

    def _read(self, pack: Pack, path: Path) -> Book | None:
        try:
            connection = _connect(path)
            try:
                meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
            finally:
                connection.close()
            if (meta["format"], meta["layout"]) != (pack.format, str(LAYOUT)):
                return None
            self._serial += 1
            return Book(
                pack=pack,
                serial=self._serial,
                version=meta["version"],
                is_current=meta["fingerprint"] == fingerprint(pack),
                entries=int(meta["entries"]),
                rows=int(meta["rows"]),
                built_at=float(meta["built_at"]),
            )
        except (sqlite3.Error, KeyError, ValueError) as error:
            _log.warning("index_unreadable", file=path.name, reason=f"{type(error).__name__}: {error}")
            return None


def _connect(path: Path) -> sqlite3.Connection:
    # The file never changes once it has its name, so no lock and no journal is looked for.
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute(f"PRAGMA mmap_size = {_MMAP}")
    connection.execute("PRAGMA cache_size = -8192")
    return connection


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
