"""Layers from left to right, each a column of slots, with the passages of links that are longer than one layer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from garrison.docs.picture.crossings import Step, untangle
from garrison.docs.picture.graph import Graph, Link
from garrison.docs.picture.ranks import rank_nodes


@dataclass(frozen=True, kw_only=True)
class Layers:
    """``slots`` by layer, from top to bottom: a node's name, or the passage of a link through the layer.

    ``chains`` has the slots of each link from its start to its end, ``steps`` the pieces of all chains from a layer
    to the next.
    """

    slots: tuple[tuple[str, ...], ...]
    chains: Mapping[str, tuple[str, ...]]
    steps: tuple[Step, ...]


def make_layers(graph: Graph) -> Layers:
    """Each node in a layer, each link through all layers between its ends, in an order in which few lines cross."""
    rank = rank_nodes(graph)
    chains = {link.name: tuple(_chain(link, rank)) for link in graph.links}
    for link in graph.links:
        rank |= dict(zip(chains[link.name], _between(link, rank), strict=True))
    steps = tuple(_step(*pair, name, rank) for name, chain in chains.items() for pair in pairwise(chain))
    layers: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
    for slot in sorted(rank):
        layers[rank[slot]].append(slot)
    return Layers(slots=tuple(map(tuple, untangle(layers, steps))), chains=chains, steps=steps)


def _between(link: Link, rank: Mapping[str, int]) -> range:
    """The layers from a link's start to its end, both counted."""
    start, end = rank[link.start], rank[link.end]
    return range(start, end + 1) if start < end else range(start, end - 1, -1)


def _chain(link: Link, rank: Mapping[str, int]) -> Iterator[str]:
    yield link.start
    yield from (f"{link.name}#{layer}" for layer in _between(link, rank)[1:-1])
    yield link.end


def _step(one: str, other: str, link: str, rank: Mapping[str, int]) -> Step:
    left, right = (one, other) if rank[one] < rank[other] else (other, one)
    return Step(left, right, link)
