"""What a search over pages finds, and how it takes what users type."""

from pathlib import Path
from typing import Any

import pytest
from docs_testbed import READER, Docs


def titles(found: dict[str, Any]) -> list[str]:
    return [hit["title"] for hit in found["results"]]


def test_a_hit_says_where_it_stands(docs: Docs) -> None:
    [hit] = docs.found(query="lock inputs", sources=["manual"])["results"]
    assert hit["source"] == "manual"
    assert hit["title"] == "Locking inputs"
    assert hit["url"] == "https://docs.example/guide/flakes.html#locking"
    assert hit["metadata"]["path"] == "guide/flakes.md"
    assert hit["metadata"]["headings"] == ["Flakes"]
    assert "write the lock file" in hit["content"]
    assert hit["relevance"] > 0


EVERY_KIND = {
    "Markdown": ("pins inputs", "Flakes", "flakes"),
    "a MyST label": ("lazy evaluation", "Evaluation", "evaluating"),
    "HTML": ("unreachable paths", "Garbage collection", "gc"),
    "DocBook": ("declares options", "Writing modules", "writing"),
    "a manual page": ("environment cleared", "Pure shells", ""),
    "text": ("garbage in passing", "Notes", ""),
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_each_kind_of_page_is_found_by_its_text(docs: Docs, kind: str) -> None:
    query, title, anchor = EVERY_KIND[kind]
    hit = docs.found(query=query)["results"][0]
    assert (hit["title"], hit["metadata"]["anchor"]) == (title, anchor)


def test_what_is_no_text_of_the_page_is_not_found(docs: Docs) -> None:
    assert docs.found(query="sidebar")["total"] == 0


def test_words_are_found_in_all_their_forms(docs: Docs) -> None:
    assert "Flakes" in titles(docs.found(query="pinned input"))


def test_a_word_in_a_title_counts_more_than_in_a_text(docs: Docs) -> None:
    assert titles(docs.found(query="garbage"))[0] == "Garbage collection"


def test_a_pack_about_a_subject_does_not_rank_last_for_its_name(docs: Docs) -> None:
    hits = docs.found(query="flake", limit=50)["results"]
    assert hits[0]["title"] in ("A flake", "Flakes")
    assert {hit["source"] for hit in hits} == {"manual", "other"}
    assert [hit["relevance"] for hit in hits] == sorted((hit["relevance"] for hit in hits), reverse=True)


def test_a_phrase_is_taken_as_one(docs: Docs) -> None:
    assert docs.found(query='"lock file"')["total"] == 1
    assert docs.found(query='"file lock"')["total"] == 0


def test_a_star_asks_for_the_beginning_of_a_word(docs: Docs) -> None:
    found = docs.found(query="unreacha*")
    assert (titles(found), found["matched"]) == (["Garbage collection"], "all")


def test_half_a_word_is_enough_when_no_whole_one_is_found(docs: Docs) -> None:
    found = docs.found(query="unreacha")
    assert (titles(found), found["matched"]) == (["Garbage collection"], "prefixes")


def test_a_question_finds_what_has_most_of_its_words(docs: Docs) -> None:
    found = docs.found(query="How do I write the lock file of my zebra?")
    assert (titles(found)[0], found["matched"]) == ("Locking inputs", "any")


def test_an_options_name_is_a_phrase(docs: Docs) -> None:
    assert titles(docs.found(query="services.nginx.enable")) == ["Evaluation"]


@pytest.mark.parametrize("query", ["日本語", "strasse OR straße", "NAÏVE", "naive", "ελληνικά", "cafe\u0301"])
def test_words_of_any_script_are_found(docs: Docs, query: str) -> None:
    assert docs.found(query=query)["total"] >= 1


OPERATORS = Path(__file__).with_name("operators.txt").read_text().splitlines()
ONE_WORD = {"title:flake", "flake^2", 'fl"ake', "'; DROP TABLE words; --"}


@pytest.mark.parametrize("query", OPERATORS)
def test_operators_are_text(docs: Docs, query: str) -> None:
    answer = docs.ask("/search", query=query)
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200 and query not in ONE_WORD:
        assert answer.json()["total"] >= 1


@pytest.mark.parametrize("query", ["->", "🙂", "***", '""', " \t"])
def test_a_query_without_a_word_is_told_so(docs: Docs, query: str) -> None:
    answer = docs.ask("/search", query=query)
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "The query has no word and no number to search for.",
    )


def test_pages_of_results_neither_repeat_nor_lose_any(docs: Docs) -> None:
    whole = docs.found(query="flake garbage shell module", limit=100)
    parts = [
        docs.found(query="flake garbage shell module", limit=2, offset=start) for start in range(0, 100, 2)
    ]
    seen = [hit for part in parts for hit in part["results"]]
    assert seen == whole["results"]
    assert {part["total"] for part in parts} == {whole["total"]} == {len(whole["results"])}
    assert [part["has_more"] for part in parts] == [part["offset"] + 2 < whole["total"] for part in parts]


def test_past_the_end_is_an_empty_page_with_the_total(docs: Docs) -> None:
    found = docs.found(query="flake", offset=10_000)
    assert (found["results"], found["has_more"]) == ([], False)
    assert found["total"] > 0


def test_a_source_that_nobody_listed_is_a_404_that_names_the_listed(docs: Docs) -> None:
    answer = docs.ask("/search", query="flake", sources=["nix-dev"])
    assert answer.status_code == 404
    assert "no pack of pages called nix-dev; there are: manual, other." in answer.json()["detail"]


def test_a_page_is_read_whole(docs: Docs) -> None:
    page = docs.http.get("/pages/manual/guide/flakes.md").json()
    assert page["title"] == "Flakes"
    assert page["text"].startswith("---\ntitle: Flakes\n")
    assert page["url"] == "https://docs.example/guide/flakes.html"
    assert [one["title"] for one in page["sections"]] == ["Flakes", "Locking inputs", "Evaluation"]


@pytest.mark.parametrize(
    "path", ["none.md", "%2e%2e/manual/guide/flakes.md", "guide/%00", "guide", "%ff", "é"]
)
def test_a_page_that_is_not_there_is_a_404(docs: Docs, path: str) -> None:
    assert docs.http.get(f"/pages/manual/{path}").status_code == 404


def test_a_reader_may_search_and_not_sync(docs: Docs) -> None:
    with docs.client(READER) as reader:
        assert reader.post("/search", json={"query": "flake"}).status_code == 200
        assert reader.post("/sync", json={}).status_code == 403
