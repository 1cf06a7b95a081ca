"""The order of slots within their layers: few crossings, and the same order each time."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import NamedTuple

Order = list[list[str]]
_SWEEPS = 12


class Step(NamedTuple):
    """A piece of a link, from a slot to one of the next layer."""

    left: str
    right: str
    link: str


def untangle(layers: Order, steps: Sequence[Step]) -> Order:
    """The best order that is found by sorting slots by the middle of their neighbours, to and fro, then by swaps."""
    now, best = _copy(layers), _copy(layers)
    fewest = count_crossings(best, steps)
    for sweep in range(_SWEEPS):
        numbers = range(1, len(now)) if sweep % 2 == 0 else range(len(now) - 2, -1, -1)
        for number in numbers:
            now[number] = _sort_by(now[number], now[number - numbers.step], steps)
        crossings = count_crossings(now, steps)
        if crossings < fewest:
            best, fewest = _copy(now), crossings
    return _swap_neighbours(best, steps)


def count_crossings(layers: Sequence[Sequence[str]], steps: Sequence[Step]) -> int:
    """How many pairs of steps between the same two layers cross."""
    place = {slot: (number, at) for number, layer in enumerate(layers) for at, slot in enumerate(layer)}
    crossings, passed, layer = 0, list[int](), -1
    for (number, _), (_, end) in sorted((place[step.left], place[step.right]) for step in steps):
        if number != layer:
            layer, passed = number, []
        crossings += len(passed) - bisect_right(passed, end)
        insort(passed, end)
    # Steps from one slot never cross each other: sorted by their ends, they were inserted in that order.
    return crossings


def _sort_by(layer: list[str], beside: list[str], steps: Sequence[Step]) -> list[str]:
    place = {slot: at for at, slot in enumerate(beside)}
    neighbours: dict[str, list[int]] = {slot: [] for slot in layer}
    for step in steps:
        for slot, other in ((step.left, step.right), (step.right, step.left)):
            if slot in neighbours and other in place:
                neighbours[slot].append(place[other])
    middle = {
        slot: sum(found) / len(found) if found else float(at)
        for at, (slot, found) in enumerate(neighbours.items())
    }
    return sorted(layer, key=middle.__getitem__)


def _swap_neighbours(layers: Order, steps: Sequence[Step]) -> Order:
    fewest, better = count_crossings(layers, steps), True
    while better:
        better = False
        for layer in layers:
            for at in range(len(layer) - 1):
                layer[at], layer[at + 1] = layer[at + 1], layer[at]
                crossings = count_crossings(layers, steps)
                if crossings < fewest:
                    fewest, better = crossings, True
                else:
                    layer[at], layer[at + 1] = layer[at + 1], layer[at]
    return layers


def _copy(layers: Order) -> Order:
    return [list(layer) for layer in layers]
