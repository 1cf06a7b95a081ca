"""In which layer each node stands: who asks stands left of who answers."""

from collections.abc import Iterable, Mapping

from garrison.docs.picture.graph import WORLD, Graph, Kind

# What nobody asks stands behind the door, not beside it.
_FIRST = {Kind.OUTSIDE: 0, Kind.DOOR: 1}


def rank_nodes(graph: Graph) -> dict[str, int]:
    """The length of the longest way to each node, without empty layers.

    A link that closes a circle counts backwards.
    """
    order, ways = _order(graph)
    ranks = {node.name: _FIRST.get(node.kind, 2) for node in graph.nodes}
    for start in order:
        for end in ways[start]:
            ranks[end] = max(ranks[end], ranks[start] + 1)
    if WORLD in ranks:
        ranks[WORLD] = 1 + max(rank for name, rank in ranks.items() if name != WORLD)
    used = sorted(set(ranks.values()))
    return {name: used.index(rank) for name, rank in ranks.items()}


def _order(graph: Graph) -> tuple[list[str], Mapping[str, Iterable[str]]]:
    """Each node before those it leads to, and where it leads to once circles are opened."""
    answers: dict[str, list[str]] = {node.name: [] for node in graph.nodes}
    for link in sorted(graph.links, key=lambda link: (link.start, link.end)):
        answers[link.start].append(link.end)
    ways: dict[str, set[str]] = {node.name: set() for node in graph.nodes}
    done: list[str] = []

    def visit(name: str, above: frozenset[str]) -> None:
        for other in answers[name]:
            if other in above:
                ways[other].add(name)
                continue
            ways[name].add(other)
            if other not in done:
                visit(other, above | {other})
        done.append(name)

    for node in sorted(graph.nodes, key=lambda node: (_FIRST.get(node.kind, 2), node.name)):
        if node.name not in done:
            visit(node.name, frozenset({node.name}))
    return done[::-1], ways
