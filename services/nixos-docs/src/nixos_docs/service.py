"""The parts of the running service, and what they do for REST and MCP alike."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request
from garrison_kit.problems import HttpProblemError

from nixos_docs import answers, requests
from nixos_docs.index.shelf import Book, Shelf
from nixos_docs.packs import Format, Pack
from nixos_docs.search.engine import Engine, Reading
from nixos_docs.search.entries import Entry, search_entries
from nixos_docs.search.pages import search_pages
from nixos_docs.search.query import parse
from nixos_docs.syncing import Syncer, SyncError

_NOTHING = (
    "No pack is configured; name a list of packs with the setting documentation_packs and deploy again."
)


@dataclass(frozen=True, kw_only=True)
class Service:
    """What handlers and tools work with."""

    shelf: Shelf
    engine: Engine
    syncer: Syncer

    async def search(self, asked: requests.Search) -> answers.SearchPage:
        """Sections of pages. Raises HttpProblemError when there is nothing to search in."""
        books, missing = self._choose("pages", asked.sources)
        question = parse(asked.query)
        found = await self.engine.run(
            lambda reading: search_pages(reading, books, question, asked.limit, asked.offset)
        )
        hits = [
            answers.Hit(
                source=hit.book.pack.name,
                title=hit.title or hit.page,
                content=hit.snippet,
                url=link(hit.book.pack, hit.path, hit.anchor),
                relevance=round(hit.score, 4),
                metadata=answers.Metadata(
                    path=hit.path,
                    page=hit.page,
                    headings=list(hit.headings),
                    anchor=hit.anchor,
                    version=hit.book.version,
                ),
            )
            for hit in found.hits
        ]
        return answers.SearchPage(
            results=hits,
            matched=found.matched,
            **_paging(asked, asked.query, found.total, len(hits), missing),
        )

    async def search_packages(self, asked: requests.PackageSearch) -> answers.PackagePage:
        """Packages. Raises HttpProblemError when there is nothing to search in."""
        books, missing = self._choose("packages", (asked.channel,) if asked.channel else None)
        question = parse(asked.name)
        found = await self.engine.run(
            lambda reading: search_entries(reading, books, asked.name, question, asked.limit, asked.offset)
        )
        packages = [_package(entry) for entry in found.entries]
        return answers.PackagePage(
            channel=asked.channel,
            packages=packages,
            **_paging(asked, asked.name, found.total, len(packages), missing),
        )

    async def search_options(self, asked: requests.OptionSearch) -> answers.OptionPage:
        """Options. Raises HttpProblemError when there is nothing to search in."""
        books, missing = self._choose("options", (asked.source,) if asked.source else None)
        question = parse(asked.option)
        found = await self.engine.run(
            lambda reading: search_entries(reading, books, asked.option, question, asked.limit, asked.offset)
        )
        options = [_option(entry) for entry in found.entries]
        return answers.OptionPage(
            options=options, **_paging(asked, asked.option, found.total, len(options), missing)
        )

    async def read_page(self, source: str, path: str) -> answers.PageText:
        """One page, whole. Raises HttpProblemError 404 when there is no such page."""
        [book], _ = self._choose("pages", (source,))
        found = await self.engine.run(lambda reading: _read_page(reading, book, path))
        if found is None:
            raise HttpProblemError(404, f"Pack {source} has no such page.")
        return found

    def list_sources(self) -> answers.Sources:
        """Every pack of the list, searched or not."""
        sources = [self._source(pack) for pack in self.shelf.packs.values()]
        return answers.Sources(sources=sources, message=None if sources else _NOTHING)

    async def sync(self, asked: requests.Sync) -> answers.SyncResults:
        """Fetch packs anew, one after the other; what can be synced is. Raises HttpProblemError naming what can't."""
        if not self.shelf.packs:
            raise HttpProblemError(409, _NOTHING)
        names = tuple(dict.fromkeys(asked.sources or self.shelf.packs))
        self._check_known(names)
        done, failed = [], []
        for name in names:
            try:
                done.append(await self.syncer.sync(name))
            except SyncError as error:
                failed.append(error)
        if failed:
            raise _tell(failed, [one.source for one in done])
        return answers.SyncResults(results=done)

    def _choose(self, wanted: Format, names: Iterable[str] | None) -> tuple[tuple[Book, ...], list[str]]:
        """The books to search, and the names of those that aren't there yet."""
        if not self.shelf.packs:
            raise HttpProblemError(409, _NOTHING)
        if names is None:
            names = [name for name, pack in self.shelf.packs.items() if pack.format == wanted]
            if not names:
                raise HttpProblemError(409, f"No pack of {wanted} is configured.")
        asked = tuple(dict.fromkeys(names))
        self._check_known(asked, wanted)
        books = tuple(book for name in asked if (book := self.shelf.books.get(name)) is not None)
        missing = [name for name in asked if name not in self.shelf.books]
        if not books:
            detail = f"Not synced yet: {', '.join(missing)}. GET /sources tells why."
            raise HttpProblemError(503, detail, headers={"Retry-After": "30"})
        return books, missing

    def _check_known(self, names: Iterable[str], wanted: Format | None = None) -> None:
        fitting = [name for name, pack in self.shelf.packs.items() if wanted in (None, pack.format)]
        if unknown := [name for name in names if name not in fitting]:
            kind = f"pack of {wanted}" if wanted else "pack"
            raise HttpProblemError(
                404, f"There is no {kind} called {unknown[0]}; there are: {', '.join(fitting) or 'none'}."
            )

    def _source(self, pack: Pack) -> answers.Source:
        state, book = self.syncer.states[pack.name], self.shelf.books.get(pack.name)
        return answers.Source(
            name=pack.name,
            title=pack.title,
            format=pack.format,
            kind=pack.kind,
            state="missing" if book is None else "ready" if book.is_current else "outdated",
            syncing=state.running is not None and not state.running.done(),
            version=book.version if book else None,
            wanted_version=pack.version,
            entries=book.entries if book else 0,
            last_sync=_moment(book.built_at) if book else None,
            last_error=state.error,
            last_error_at=_moment(state.error_at) if state.error_at else None,
        )


def link(pack: Pack, path: str, anchor: str) -> str:
    """Where a reader finds the page on the web; nothing without a ``base_url``.

    ``{path}`` and ``{stem}`` (without the ending) in it are filled in; without either, the path comes at its end.
    """
    if not pack.base_url:
        return ""
    name = path.rpartition("/")[2]
    stem = path[: len(path) - len(name)] + (name.rpartition(".")[0] or name)
    base = pack.base_url if "{" in pack.base_url else pack.base_url + "{path}"
    page = base.replace("{path}", quote(path)).replace("{stem}", quote(stem))
    return f"{page}#{quote(anchor)}" if anchor else page


def get_service(request: Request) -> Service:
    """The service of a request, for FastAPI's Depends."""
    service: Service = request.app.state.service
    return service


def _paging(
    asked: requests.Search | requests.PackageSearch | requests.OptionSearch,
    query: str,
    total: int,
    count: int,
    missing: list[str],
) -> dict[str, Any]:
    return {
        "query": query,
        "total": total,
        "limit": asked.limit,
        "offset": asked.offset,
        "has_more": asked.offset + count < total,
        "missing": missing,
    }


def _package(entry: Entry) -> answers.Package:
    return answers.Package(
        attribute=entry.name,
        name=entry.alias,
        description=entry.description,
        channel=entry.book.pack.name,
        **entry.detail,
    )


def _option(entry: Entry) -> answers.Option:
    return answers.Option(
        name=entry.name, description=entry.description, source=entry.book.pack.name, **entry.detail
    )


def _read_page(reading: Reading, book: Book, path: str) -> answers.PageText | None:
    with reading.open(book) as connection:
        page = _one(connection, "SELECT title, text FROM pages WHERE path = ?", path)
        if page is None:
            return None
        rows = connection.execute(
            "SELECT title, headings, anchor FROM sections WHERE path = ? ORDER BY id", (path,)
        ).fetchall()
    sections = dict.fromkeys((title, headings, anchor) for title, headings, anchor in rows if title)
    return answers.PageText(
        source=book.pack.name,
        path=path,
        title=page[0],
        url=link(book.pack, path, ""),
        text=page[1],
        sections=[
            answers.Heading(title=title, headings=headings.split("\n") if headings else [], anchor=anchor)
            for title, headings, anchor in sections
        ],
    )


def _one(connection: sqlite3.Connection, statement: str, *values: object) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(statement, values).fetchone()
    return row


def _tell(failed: list[SyncError], synced: list[str]) -> HttpProblemError:
    others = f" Synced: {', '.join(synced)}." if synced else ""
    return HttpProblemError(
        max(error.status for error in failed) if all(error.status == 503 for error in failed) else 502,
        " ".join(error.detail for error in failed) + others,
        headers={"Retry-After": "60"},
        errors=[{"where": error.pack, "what": error.reason} for error in failed],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
