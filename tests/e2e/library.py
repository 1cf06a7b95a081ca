"""The corpus in aidb: imported, searched and taken away again through the door."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.roff import Page

PROJECT = "e2e"
BATCH = 16


@dataclass(frozen=True, kw_only=True)
class Library:
    """All documents of one project."""

    client: httpx.Client
    project: str = PROJECT

    def store(self, pages: Sequence[Page]) -> Counter[str]:
        """Import pages in batches; what became of them, by status."""
        found: Counter[str] = Counter()
        for first in range(0, len(pages), BATCH):
            batch = [self.describe(page) for page in pages[first : first + BATCH]]
            answer = good(self.client.post("/aidb/documents/batch", json={"documents": batch}))
            found.update(one["status"] for one in answer["results"])
        return found

    def describe(self, page: Page) -> dict[str, Any]:
        """A page as aidb takes it."""
        return {
            "project": self.project,
            "path": page.path,
            "title": page.title,
            "content": page.content,
            "checksum": hashlib.sha256(page.content.encode()).hexdigest(),
        }

    def list_page(self, limit: int, offset: int) -> dict[str, Any]:
        """One page of the list."""
        asked: dict[str, str | int] = {"project": self.project, "limit": limit, "offset": offset}
        return good(self.client.get("/aidb/documents", params=asked))

    def list_all(self, limit: int = 100) -> Iterator[dict[str, Any]]:
        """Every document, page by page."""
        offset, has_more = 0, True
        while has_more:
            page = self.list_page(limit, offset)
            yield from page["documents"]
            offset, has_more = offset + limit, page["has_more"]

    def search(self, query: str, **wanted: Any) -> list[str]:
        """The paths of what is found, best first."""
        asked = {"query": query, "project": self.project, **wanted}
        return [hit["path"] for hit in good(self.client.post("/aidb/search", json=asked))["results"]]

    def clear(self) -> None:
        """Delete every document of the project."""
        for document in list(self.list_all()):
            answer = self.client.delete(f"/aidb/documents/{document['id']}")
            assert answer.status_code in (204, 404), answer.text


def good(answer: httpx.Response) -> dict[str, Any]:
    """The JSON of an answer that must be a good one."""
    assert answer.is_success, f"{answer.status_code} {answer.text[:500]}"
    found: dict[str, Any] = answer.json()
    return found
