"""Hits are ordered by meaning and votes, and written into a prompt within its budget."""

from hybrid_coordinator.knowledge import BestPractice, Collection, make_id
from hybrid_coordinator.ranking import Hit, Votes, drop_repeats, rank
from hybrid_coordinator.rendering import choose, frame_tokens, write_prompt
from hybrid_coordinator.tokens import count_tokens
from hypothesis import given
from hypothesis import strategies as st


def hit(name: str, score: float, content: str = "") -> Hit:
    entry = BestPractice(
        title=name,
        content=content or f"content of {name}",
        client="anna",
        updated_at="",
        document=name,
        part=0,
        parts=1,
        digest="",
    )
    return Hit(collection=Collection.PRACTICES, id=make_id(name), similarity=score, score=score, entry=entry)


def test_votes_move_a_context_past_another() -> None:
    first, second = hit("first", 0.7), hit("second", 0.65)
    assert rank([second, first], {}) == [first, second]
    votes = {second.id: Votes(total=3.0, count=3)}
    assert [found.entry.title for found in rank([first, second], votes)] == ["second", "first"]


def test_bad_votes_move_it_back() -> None:
    first, second = hit("first", 0.7), hit("second", 0.65)
    votes = {first.id: Votes(total=-2.0, count=2)}
    assert [found.entry.title for found in rank([first, second], votes)] == ["second", "first"]


def test_one_vote_moves_less_than_many() -> None:
    assert Votes(total=1.0, count=1).shift < Votes(total=10.0, count=10).shift < 0.2


def test_the_same_text_is_given_once() -> None:
    hits = [hit("one", 0.9, "the same  text"), hit("two", 0.8, "The same text")]
    assert [kept.entry.title for kept in drop_repeats(hits)] == ["one"]


@given(st.lists(st.text(min_size=1, max_size=2000), max_size=8), st.integers(min_value=0, max_value=1500))
def test_a_prompt_keeps_to_its_budget(contents: list[str], budget: int) -> None:
    query = "what now?"
    hits = [hit(f"hit {number}", 0.5, content) for number, content in enumerate(contents)]
    contexts = choose(hits, budget - frame_tokens(query), most=5)
    if contexts:
        assert count_tokens(write_prompt(query, contexts)) <= budget


def test_a_long_first_context_leaves_room_for_the_next() -> None:
    hits = [hit("long", 0.9, "word " * 2000), hit("short", 0.8, "word " * 40)]
    assert [context.hit.entry.title for context in choose(hits, 600, most=5)] == ["long", "short"]


def test_without_contexts_the_prompt_is_the_query() -> None:
    assert write_prompt("just this", []) == "just this"


def test_ids_are_the_same_in_every_process_and_differ_by_where_parts_end() -> None:
    assert make_id("a", "bc") == make_id("a", "bc")
    assert make_id("a", "bc") != make_id("ab", "c")
