"""Documents, through the door: import, list, read, change, delete."""

from itertools import pairwise

import httpx

from tests.e2e.conftest import Imported
from tests.e2e.library import Library, good
from tests.e2e.roff import Page

NOTE = Page(
    path="note", title="A note of today", content="The heron stands in the reeds and waits for frogs."
)
LATER = Page(path="note", title="A note of today", content="A lighthouse keeper polishes the great lens.")


def test_the_corpus_has_at_least_200_pages_of_seven_sections(corpus: list[Page]) -> None:
    assert len(corpus) >= 200
    assert len({page.path.rpartition(".")[2] for page in corpus}) == 7


def test_every_page_is_stored(imported: Imported, corpus: list[Page]) -> None:
    assert imported.statuses == {"created": len(corpus)}


def test_the_same_pages_again_change_nothing(library: Library, corpus: list[Page]) -> None:
    before = list(library.list_all())
    assert library.store(corpus) == {"unchanged": len(corpus)}
    assert list(library.list_all()) == before


def test_every_document_is_on_exactly_one_page_of_the_list(library: Library, corpus: list[Page]) -> None:
    found = [document["path"] for document in library.list_all(limit=37)]
    assert sorted(found) == sorted(page.path for page in corpus)


def test_the_second_page_of_the_list_continues_the_first(library: Library, corpus: list[Page]) -> None:
    both, first, second = library.list_page(40, 0), library.list_page(20, 0), library.list_page(20, 20)
    assert first["documents"] + second["documents"] == both["documents"]
    assert {page["total"] for page in (both, first, second)} == {len(corpus)}
    assert all(one["id"] < other["id"] for one, other in pairwise(both["documents"]))


def test_a_page_past_the_end_is_empty_and_says_so(library: Library, corpus: list[Page]) -> None:
    page = library.list_page(20, len(corpus))
    assert (page["documents"], page["has_more"]) == ([], False)


def test_a_document_comes_back_as_it_was_sent(
    client: httpx.Client, library: Library, corpus: list[Page]
) -> None:
    sent = next(page for page in corpus if page.path == "utf-8.7")
    ids = {document["path"]: document["id"] for document in library.list_all()}
    found = good(client.get(f"/aidb/documents/{ids[sent.path]}"))
    assert {name: found[name] for name in library.describe(sent)} == library.describe(sent)


def test_a_changed_document_is_found_by_what_it_says_now_until_it_is_deleted(client: httpx.Client) -> None:
    notes = Library(client=client, project="e2e-notes")
    notes.clear()
    assert notes.store([NOTE]) == {"created": 1}
    assert notes.store([LATER]) == {"updated": 1}
    assert notes.search("heron", mode="text") == []
    assert notes.search("lighthouse", mode="text") == ["note"]
    (document,) = notes.list_all()
    assert client.delete(f"/aidb/documents/{document['id']}").status_code == 204
    assert client.get(f"/aidb/documents/{document['id']}").status_code == 404
    assert client.delete(f"/aidb/documents/{document['id']}").status_code == 404
    assert notes.search("lighthouse") == []
