"""Searches find what is meant, page without gap or overlap, and keep to their filters."""

from collections.abc import Iterator
from typing import Any

import pytest
from aidb_stack import Aidb, Launch, Stack

WORDS = ("heron", "engine", "violin", "glacier", "recipe", "border", "comet", "harbour", "theorem", "orchard")
TOPICS = {
    "kernel.txt": "The scheduler of the kernel gives each process a slice of processor time.",
    "bread.txt": "Knead the dough for ten minutes, let it rise overnight and bake it in a hot oven.",
    "whale.txt": "Blue whales are the largest animals that ever lived; they feed on krill.",
}


def make_documents(number: int, project: str) -> list[dict[str, Any]]:
    """Short texts, many of them alike: ties are what breaks paging."""
    return [
        {
            "project": project if index % 5 else f"{project}-fifth",
            "collection": "even" if index % 2 == 0 else "odd",
            "path": f"{index:04}.txt",
            "title": WORDS[index % 10],
            "content": f"About the {WORDS[index % 10]} and the {WORDS[index // 10 % 10]}.",
        }
        for index in range(number)
    ]


def load(aidb: Aidb, documents: list[dict[str, Any]]) -> None:
    for start in range(0, len(documents), 64):
        answer = aidb.http.post("/documents/batch", json={"documents": documents[start : start + 64]})
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module", params=["exact", "index"])
def library(request: pytest.FixtureRequest, stack: Stack, launch: Launch) -> Iterator[Aidb]:
    """500 documents, compared as a whole or asked of the HNSW index."""
    database = f"library_{request.param}"
    stack.postgres.make_database(database)
    aidb = launch(database, exact_limit=5000 if request.param == "exact" else 0)
    aidb.wait_until_ready()
    load(aidb, make_documents(500, "library"))
    load(
        aidb,
        [
            {"project": "topics", "path": path, "title": "A note", "content": text}
            for path, text in TOPICS.items()
        ],
    )
    yield aidb
    aidb.process.stop()


@pytest.fixture
def least(request: pytest.FixtureRequest) -> int:
    """How many of the 503 a walk over all pages must find: a few nodes of an HNSW graph may be out of its reach."""
    return 503 if request.node.callspec.params["library"] == "exact" else 478


def read_pages(aidb: Aidb, limit: int, **request: object) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["has_more"]:
        body = {"query": "a bird in the water", "limit": limit, "offset": limit * len(pages), **request}
        answer = aidb.http.post("/search", json=body)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
    return pages


@pytest.mark.parametrize("group", ["document", "chunk"])
@pytest.mark.parametrize("limit", [100, 37])
def test_the_pages_of_a_vector_search_hold_each_document_once(
    library: Aidb, least: int, group: str, limit: int
) -> None:
    pages = read_pages(library, limit, mode="vector", group=group)
    hits = [hit for page in pages for hit in page["results"]]
    assert len({hit["chunk_id"] for hit in hits}) == len(hits)
    assert least <= len(hits) <= 503
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert {len(page["results"]) for page in pages[:-1]} == {limit}


@pytest.mark.parametrize("mode", ["vector", "text", "hybrid"])
def test_small_pages_put_together_are_the_large_page(library: Aidb, mode: str) -> None:
    request = {"mode": mode, "query": "heron"}
    large = read_pages(library, 100, **request)[0]["results"]
    small = [
        hit
        for offset in range(0, len(large), 9)
        for hit in library.http.post("/search", json={**request, "limit": 9, "offset": offset}).json()[
            "results"
        ]
    ]
    assert [hit["document_id"] for hit in small[: len(large)]] == [hit["document_id"] for hit in large]


@pytest.mark.parametrize("mode", ["vector", "hybrid"])
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("cpu scheduling", "kernel.txt"),
        ("how to make a loaf", "bread.txt"),
        ("biggest sea mammal", "whale.txt"),
    ],
)
def test_a_question_in_other_words_finds_the_right_document(
    library: Aidb, mode: str, query: str, path: str
) -> None:
    answer = library.http.post("/search", json={"query": query, "mode": mode}).json()
    assert answer["results"][0]["path"] == path
    assert 0 < answer["results"][0]["score"] <= 1


@pytest.mark.parametrize("mode", ["vector", "text", "hybrid"])
def test_filters_give_full_pages_of_nothing_else(library: Aidb, mode: str) -> None:
    request = {"query": "heron", "mode": mode, "project": "library-fifth", "collection": "even", "limit": 5}
    answer = library.http.post("/search", json=request).json()
    assert len(answer["results"]) == 5
    assert {(hit["project"], hit["collection"]) for hit in answer["results"]} == {("library-fifth", "even")}


def test_a_filter_that_nothing_passes_gives_an_empty_page(library: Aidb) -> None:
    answer = library.http.post("/search", json={"query": "heron", "project": "nobody"}).json()
    assert (answer["results"], answer["has_more"], answer["total"]) == ([], False, 0)


@pytest.mark.parametrize("mode", ["vector", "hybrid"])
def test_no_hit_lies_below_the_least_score(library: Aidb, mode: str) -> None:
    hits = [hit for page in read_pages(library, 100, mode=mode, min_score=0.3) for hit in page["results"]]
    assert 0 < len(hits) < 503
    assert min(hit["score"] for hit in hits) >= 0.3


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("krill", {"whale.txt"}),
        ('"blue whales"', {"whale.txt"}),
        ('"whales blue"', set()),
        ("whales bread", set()),
        ("krill or oven", {"whale.txt", "bread.txt"}),
        ("minutes -oven", set()),
        ("!!! ( & | :* <->", set()),
        ("the of and", set()),
    ],
)
def test_a_text_search_speaks_the_web_search_language(library: Aidb, query: str, paths: set[str]) -> None:
    answer = library.http.post("/search", json={"query": query, "mode": "text", "project": "topics"})
    assert answer.status_code == 200, answer.text
    assert {hit["path"] for hit in answer.json()["results"]} == paths


def test_a_page_past_the_end_is_empty_and_knows_the_total(library: Aidb) -> None:
    answer = library.http.post("/search", json={"query": "heron", "mode": "text", "offset": 9000}).json()
    assert (answer["results"], answer["has_more"]) == ([], False)
    assert answer["total"] == 95


def test_the_predecessors_name_gives_the_same_answer(library: Aidb) -> None:
    request = {"query": "krill", "mode": "vector", "limit": 3, "include_content": True}
    new, old = (library.http.post(path, json=request).json() for path in ("/search", "/vector/search"))
    assert new["results"] == old["results"]
    assert old["results"][0]["content"] == TOPICS["whale.txt"]


def test_a_vector_can_be_given_instead_of_a_question(library: Aidb) -> None:
    question = "biggest sea mammal"
    vector = library.http.post("/vector/embed", json={"texts": [question]}).json()["embeddings"][0]
    given, asked = (
        library.http.post("/vector/search", json={"mode": "vector", **how}).json()["results"]
        for how in ({"embedding": vector}, {"query": question})
    )
    assert [hit["chunk_id"] for hit in given] == [hit["chunk_id"] for hit in asked]
    assert given[0]["path"] == "whale.txt"


def test_documents_survive_a_restart(library: Aidb) -> None:
    before = library.http.get("/stats").json()
    library.restart()
    assert library.http.get("/stats").json() == before
    assert library.http.post("/search", json={"query": "krill"}).json()["results"][0]["path"] == "whale.txt"
