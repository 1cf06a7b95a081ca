"""A pattern depends on its members alone."""

from hybrid_coordinator.knowledge import Interaction, Outcome
from hybrid_coordinator.patterns import Member, find_pattern
from hybrid_coordinator.splitting import MAX_PART, split
from hypothesis import given
from hypothesis import strategies as st


def member(name: str, outcome: Outcome = "success", value: float = 0.7) -> Member:
    interaction = Interaction(
        title=f"how to {name}",
        content=f"by {name}",
        client="anna",
        updated_at=name,
        created_at=name,
        agent_type="remote",
        outcome=outcome,
        reusability=0.5,
        complexity=0.5,
        novelty=0.5,
        value=value,
        is_high_value=True,
    )
    return Member(id=name, vector=[1.0], interaction=interaction)


def test_enough_successes_make_a_pattern_of_the_most_valuable() -> None:
    found = find_pattern("g", [member("a"), member("b", value=0.9), member("c")], 3)
    assert found is not None
    assert found.skill.title == "how to b"
    assert found.skill.support == 3
    assert found.skill.interaction_ids == ["a", "b", "c"]


def test_too_few_successes_make_none() -> None:
    assert find_pattern("g", [member("a"), member("b"), member("c", "partial")], 3) is None


def test_what_fails_more_often_than_it_works_is_no_pattern() -> None:
    failures = [member(f"f{number}", "failure") for number in range(4)]
    assert find_pattern("g", [member("a"), member("b"), member("c"), *failures], 3) is None


@given(st.permutations([member("a"), member("b"), member("c"), member("d", "failure")]))
def test_the_order_of_members_changes_nothing(members: list[Member]) -> None:
    assert find_pattern("g", members, 3) == find_pattern("g", sorted(members, key=lambda one: one.id), 3)


@given(st.text(max_size=6000))
def test_parts_are_short_and_lose_no_words(content: str) -> None:
    parts = split(content)
    assert all(0 < len(part) <= MAX_PART for part in parts)
    assert "".join("".join(parts).split()) == "".join(content.split())
