"""Coordinates: columns of boxes, and the points that lines start from, pass through and end at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from garrison.docs.picture.boxes import Content
from garrison.docs.picture.layers import Layers
from garrison.docs.picture.stack import Slot, stack

_APART = 22.0  # between two boxes
_CLEAR = 13.0  # between a line that passes and what is beside it
_PORT = 11.0  # between the ends of two lines at one box
_SWEEPS = 24
_WIDEST_GAP = 170.0
_STRAIGHT = 6.0  # how much more a long line wants to be straight than a box wants to be in the middle


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, kw_only=True)
class Places:
    """``boxes`` by node, ``lines`` by link: its points from start to end, two for each layer passed."""

    boxes: Mapping[str, Box]
    lines: Mapping[str, tuple[tuple[float, float], ...]]


Ports = Mapping[tuple[str, str], float]  # (slot, link): where the link meets it, from the slot's middle
_Pull = tuple[
    str, float, float
]  # another slot, how far from it a line to it is straight, how much that counts


def place(layers: Layers, contents: Mapping[str, Content]) -> Places:
    """Where everything goes; the left upper corner of the whole is 0, 0."""
    ports = _ports(layers)
    heights = _heights(layers, contents, ports)
    middles = _middles(layers, heights, ports)
    top = min(middle - heights[slot] / 2 for slot, middle in middles.items())
    middles = {slot: middle - top for slot, middle in middles.items()}
    columns = _columns(layers, contents)
    spans = {slot: columns[number] for number, layer in enumerate(layers.slots) for slot in layer}
    boxes = {
        slot: Box(x=left, y=middles[slot] - heights[slot] / 2, width=right - left, height=heights[slot])
        for slot, (left, right) in spans.items()
        if slot in contents
    }
    lines = {}
    for link, chain in layers.chains.items():
        forwards = spans[chain[0]] < spans[chain[-1]]
        across = [x for slot in chain for x in (spans[slot] if forwards else spans[slot][::-1])]
        down = [middles[slot] + ports[slot, link] for slot in chain for _ in "io"]
        lines[link] = tuple(zip(across, down, strict=True))[1:-1]
    return Places(boxes=boxes, lines=lines)


def _ports(layers: Layers) -> dict[tuple[str, str], float]:
    """The lines at one side of a slot, in the order of their other ends, spread around its middle."""
    rank = {slot: at for layer in layers.slots for at, slot in enumerate(layer)}
    sides: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    for step in layers.steps:
        sides.setdefault((step.left, True), []).append((rank[step.right], step.link))
        sides.setdefault((step.right, False), []).append((rank[step.left], step.link))
    return {
        (slot, link): (at - (len(others) - 1) / 2) * _PORT
        for (slot, _), others in sides.items()
        for at, (_, link) in enumerate(sorted(others))
    }


def _heights(layers: Layers, contents: Mapping[str, Content], ports: Ports) -> dict[str, float]:
    heights = {slot: 0.0 for layer in layers.slots for slot in layer}
    for slot, content in contents.items():
        reach = max((port for (at, _), port in ports.items() if at == slot), default=0.0)
        heights[slot] = max(content.height, 2 * reach + 2 * _PORT)
    return heights


def _columns(layers: Layers, contents: Mapping[str, Content]) -> list[tuple[float, float]]:
    """Left and right of each layer; more lines between two layers get more room."""
    columns, x = [], 0.0
    for layer in layers.slots:
        width = max(contents[slot].width for slot in layer if slot in contents)
        columns.append((x, x + width))
        x += width + min(_WIDEST_GAP, 64.0 + 7.0 * sum(step.left in layer for step in layers.steps))
    return columns


def _middles(layers: Layers, heights: Mapping[str, float], ports: Ports) -> dict[str, float]:
    """Each slot as near to the middle of its neighbours as the order allows."""
    pulls: dict[str, list[_Pull]] = {slot: [] for slot in heights}
    for step in layers.steps:
        passing = (heights[step.left] == 0) + (heights[step.right] == 0)
        shift = ports[step.left, step.link] - ports[step.right, step.link]
        pulls[step.left].append((step.right, -shift, _STRAIGHT**passing))
        pulls[step.right].append((step.left, shift, _STRAIGHT**passing))
    middles = dict.fromkeys(heights, 0.0)
    for sweep in range(_SWEEPS):
        for layer in layers.slots if sweep % 2 == 0 else layers.slots[::-1]:
            slots = [_slot(heights[slot], pulls[slot], middles) for slot in layer]
            middles |= zip(layer, stack(slots), strict=True)
    return middles


def _slot(height: float, pulls: Sequence[_Pull], middles: Mapping[str, float]) -> Slot:
    weight = sum(each for _, _, each in pulls)
    wish = sum((middles[other] + shift) * each for other, shift, each in pulls) / weight if pulls else 0.0
    return Slot(wish=wish, weight=weight or 0.1, half=height / 2, room=_APART if height else _CLEAR)
