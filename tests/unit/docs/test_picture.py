"""The picture shows every service and network once, and nothing in it lies over something else."""

import random
from itertools import combinations

import pytest

from garrison.catalog.catalog import Catalog
from garrison.docs.picture.graph import CLIENTS, WORLD, Graph, Kind, Link, Node, Way
from garrison.docs.picture.svg import draw, draw_graph
from tests.unit.docs.drawing import Drawing

TITLE = "what it does, in a line that is longer than its box may be"
NAMES = [f"service-{letter}" for letter in "abcdefghijkl"]


def chance(seed: int) -> Graph:
    """A door, up to a dozen services and any links between them, circles among them."""
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    names = NAMES[: dice.randint(1, len(NAMES))]
    every = [(a, b) for a in ("door", *names) for b in (*names, WORLD) if a != b]
    pairs = dice.sample(every, min(len(every), dice.randint(0, 25)))
    links = [Link(name="clients", start=CLIENTS, end="door", way=Way.ENTRY)]
    links += [
        Link(name=f"{a}--{b}", start=a, end=b, way=Way.EGRESS if b == WORLD else Way.NEED)
        for a, b in sorted(pairs)
    ]
    kinds = {CLIENTS: Kind.OUTSIDE, WORLD: Kind.OUTSIDE, "door": Kind.DOOR}
    outside = {end for link in links for end in (link.start, link.end)} & {CLIENTS, WORLD}
    nodes = [
        Node(name=name, kind=kinds.get(name, Kind.BEHIND), heading=name, title=TITLE)
        for name in ("door", *names, *sorted(outside))
    ]
    return Graph(nodes=tuple(nodes), links=tuple(links))


@pytest.fixture(scope="module")
def drawing(catalog: Catalog) -> Drawing:
    return Drawing(draw(catalog))


def test_every_service_has_one_box_and_so_has_what_lies_outside(catalog: Catalog, drawing: Drawing) -> None:
    assert sorted(box.name for box in drawing.boxes) == sorted([*catalog.services, CLIENTS, WORLD])


def test_every_network_is_there_once_marked_as_what_it_is(catalog: Catalog, drawing: Drawing) -> None:
    wanted = [(one.name, "internal" if one.internal else "egress") for one in catalog.networks()]
    assert sorted(drawing.networks) == sorted([*wanted, ("clients", "internal")])


def test_a_line_begins_at_who_asks_and_ends_at_who_answers(catalog: Catalog, drawing: Drawing) -> None:
    boxes = {box.name: box for box in drawing.boxes}
    lines = dict(drawing.lines())
    for edge in catalog.edges():
        points = lines[f"garrison-{edge.consumer}--{edge.provider}"]
        for (x, y), box in zip(
            (points[0], points[-1]), (boxes[edge.consumer], boxes[edge.provider]), strict=True
        ):
            assert x in (box.left, box.right)
            assert box.top < y < box.bottom


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("api", ["api", "door: /api/", "127.0.0.1:8091"]),
        ("store", ["store", "no port on the host"]),
        ("alone", ["127.0.0.1:8094", "a network of its own"]),
        ("door", ["port 8443, TLS", "port 8088, redirects"]),
    ],
)
def test_a_box_says_where_its_service_is_reached(service: str, said: list[str], drawing: Drawing) -> None:
    (box,) = [box for box in drawing.boxes if box.name == service]
    assert set(said) <= {text.content for text in box.texts}


def test_it_is_the_same_each_time(catalog: Catalog) -> None:
    assert draw(catalog) == draw(catalog)


def test_it_has_colours_for_the_dark(catalog: Catalog) -> None:
    assert "@media (prefers-color-scheme:dark)" in draw(catalog)


def test_a_single_service_is_a_picture_too() -> None:
    node = Node(name="one", kind=Kind.BEHIND, heading="one", title="alone in the world")
    assert [box.name for box in Drawing(draw_graph(Graph(nodes=(node,), links=()))).boxes] == ["one"]


@pytest.mark.parametrize("seed", range(40))
def test_no_two_boxes_overlap_and_no_line_runs_over_one(seed: int) -> None:
    graph = chance(seed)
    drawing = Drawing(draw_graph(graph))
    boxes = drawing.boxes
    assert [(one.name, other.name) for one, other in combinations(boxes, 2) if one.meets(other)] == []
    assert len(list(drawing.lines())) == len(graph.links)
    for name, points in drawing.lines():
        assert [box.name for box in boxes if any(map(box.holds, points))] == [], name


@pytest.mark.parametrize("seed", range(40))
def test_text_fits_its_box_and_everything_fits_the_page(seed: int) -> None:
    graph = chance(seed)
    drawing = Drawing(draw_graph(graph))
    for box in drawing.boxes:
        for text in box.texts:
            assert box.left < text.left
            assert text.right < box.right, text.content
            assert box.top < text.baseline < box.bottom
    assert max(text.right for text in drawing.texts()) <= drawing.size[0]
    assert max(box.right for box in drawing.boxes) <= drawing.size[0]
