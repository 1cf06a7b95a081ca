"""What chunking promises, for any text."""

from itertools import pairwise

import pytest
from aidb.chunking import TITLE_BUDGET, add_title, estimate_tokens, split_text
from hypothesis import given
from hypothesis import strategies as st

PROSE = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=200),
        st.sampled_from(["A sentence. ", "Another one!\n\n", "a" * 300, "漢字" * 80, "\n\n\n", " \t "]),
    ),
    max_size=60,
).map("".join)
BUDGETS = st.integers(128, 400).flatmap(
    lambda budget: st.tuples(st.just(budget), st.integers(0, budget // 4))
)


@given(PROSE, BUDGETS)
def test_no_character_that_is_not_white_space_is_lost(text: str, sizes: tuple[int, int]) -> None:
    covered = [False] * len(text)
    for chunk in split_text(text, budget=sizes[0], overlap=sizes[1]):
        covered[chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    assert all(inside or character.isspace() for inside, character in zip(covered, text, strict=True))


@given(PROSE, BUDGETS)
def test_each_chunk_fits_the_budget_and_is_the_source_at_its_span(text: str, sizes: tuple[int, int]) -> None:
    for position, chunk in enumerate(split_text(text, budget=sizes[0], overlap=sizes[1])):
        assert chunk.position == position
        assert chunk.text == text[chunk.start : chunk.end]
        assert 0 < estimate_tokens(chunk.text) <= sizes[0]


@given(PROSE, BUDGETS)
def test_neighbours_advance_and_share_no_more_than_the_overlap(text: str, sizes: tuple[int, int]) -> None:
    chunks = split_text(text, budget=sizes[0], overlap=sizes[1])
    for chunk, following in pairwise(chunks):
        assert chunk.start < following.start
        assert chunk.end < following.end
        assert estimate_tokens(text[following.start : chunk.end]) <= sizes[1]


@given(st.text(max_size=2000), st.text(max_size=2000))
def test_a_title_takes_no_more_than_its_budget(title: str, text: str) -> None:
    assert estimate_tokens(add_title(title, text)) <= TITLE_BUDGET + estimate_tokens(text)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t"])
def test_blank_text_has_no_chunks(text: str) -> None:
    assert split_text(text) == []


def test_a_short_text_is_one_chunk() -> None:
    assert [chunk.text for chunk in split_text("  One sentence.\n")] == ["One sentence."]


def test_cuts_fall_between_paragraphs_where_one_is_near() -> None:
    paragraph = "Some words make a sentence of this length, more or less. " * 9
    chunks = split_text("\n\n".join([paragraph.strip()] * 4), overlap=0)
    assert [chunk.text for chunk in chunks] == [paragraph.strip()] * 4


@pytest.mark.parametrize(("budget", "overlap"), [(100, 0), (200, 51), (200, -1)])
def test_sizes_that_cannot_advance_are_refused(budget: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="budget"):
        split_text("text", budget=budget, overlap=overlap)
