"""Who asks stands left of who answers, few lines cross, and boxes stay apart."""

import pytest

from garrison.catalog.catalog import Catalog
from garrison.docs.picture.crossings import Step, count_crossings, untangle
from garrison.docs.picture.graph import CLIENTS, WORLD, Graph, Kind, Link, Node, Way, make_graph
from garrison.docs.picture.ranks import rank_nodes
from garrison.docs.picture.stack import Slot, stack
from garrison.docs.picture.widths import text_width, wrap

CROSSED = (Step("a", "d", "one"), Step("b", "c", "two"))


def test_layers_go_from_clients_to_providers_and_the_world(catalog: Catalog) -> None:
    ranks = rank_nodes(make_graph(catalog))
    assert [ranks[name] for name in (CLIENTS, "door", "api", "jobs", "store", WORLD)] == [0, 1, 2, 2, 3, 4]


def test_services_that_ask_each_other_still_get_layers() -> None:
    nodes = tuple(Node(name=name, kind=Kind.BEHIND, heading=name, title=name) for name in "ab")
    links = tuple(Link(name=f"{a}--{b}", start=a, end=b, way=Way.NEED) for a, b in ("ab", "ba"))
    assert rank_nodes(Graph(nodes=nodes, links=links)) == {"a": 0, "b": 1}


def test_crossing_lines_are_counted() -> None:
    assert count_crossings([["a", "b"], ["c", "d"]], CROSSED) == 1


def test_lines_that_share_an_end_never_cross() -> None:
    steps = [Step("a", "c", "one"), Step("a", "d", "two"), Step("b", "d", "three")]
    assert count_crossings([["a", "b"], ["c", "d"]], steps) == 0


def test_what_crosses_is_untangled() -> None:
    assert count_crossings(untangle([["a", "b"], ["c", "d"]], CROSSED), CROSSED) == 0


def test_slots_with_room_go_where_they_want_to_be() -> None:
    assert stack([slot(10), slot(100)]) == [10, 100]


def test_slots_that_want_the_same_place_share_the_way_around_it() -> None:
    assert stack([slot(50), slot(50)]) == [35, 65]


def test_a_heavier_slot_moves_less() -> None:
    assert stack([slot(50, weight=9), slot(50)]) == [47, 77]


@pytest.mark.parametrize("text", ["a", "a few words of a title", "aVeryLongWordThatIsWiderThanTheBox"])
def test_wrapped_text_keeps_every_word_in_lines_that_fit(text: str) -> None:
    lines = wrap(text, 12, 80)
    assert " ".join(lines) == text
    assert all(text_width(line, 12) <= 80 for line in lines if " " in line)


def test_a_letter_that_no_table_has_counts_as_wide() -> None:
    assert text_width("→", 10) > text_width("W", 10)


def slot(wish: float, weight: float = 1) -> Slot:
    return Slot(wish=wish, weight=weight, half=10, room=10)
