"""A drawn picture read back: boxes, lines and texts with their coordinates, as an SVG says them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from garrison.docs.picture.boxes import SIZES, Style
from garrison.docs.picture.widths import text_width

_SVG = "{http://www.w3.org/2000/svg}"
_STEPS = 24
Point = tuple[float, float]


@dataclass(frozen=True)
class Text:
    content: str
    left: float
    right: float
    baseline: float


@dataclass(frozen=True)
class Box:
    name: str
    left: float
    top: float
    right: float
    bottom: float
    texts: tuple[Text, ...]

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside, not only at the edge."""
        x, y = point
        return self.left + 0.5 < x < self.right - 0.5 and self.top + 0.5 < y < self.bottom - 0.5

    def meets(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Drawing:
    """One SVG document."""

    def __init__(self, svg: str) -> None:
        self.root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing

    @property
    def size(self) -> Point:
        return float(self.root.attrib["width"]), float(self.root.attrib["height"])

    @property
    def boxes(self) -> list[Box]:
        return [_box(group) for group in self._groups("data-service")]

    @property
    def networks(self) -> list[tuple[str, str]]:
        """Name and kind of each, in the order in which they are drawn."""
        return [
            (one.attrib["data-network"], one.attrib.get("data-kind", "internal"))
            for one in self._groups("data-network")
        ]

    def lines(self) -> Iterator[tuple[str, list[Point]]]:
        """Points along each line."""
        for group in self._groups("data-kind"):
            yield group.attrib["data-network"], list(_points(group.findall(f"{_SVG}path")[-1].attrib["d"]))

    def texts(self) -> list[Text]:
        return [_text(one) for one in self.root.iter(f"{_SVG}text")]

    def _groups(self, attribute: str) -> list[ElementTree.Element]:
        return [one for one in self.root.iter(f"{_SVG}g") if attribute in one.attrib]


def _box(group: ElementTree.Element) -> Box:
    at = {key: float(group.find(f"{_SVG}rect").attrib[key]) for key in ("x", "y", "width", "height")}
    return Box(
        name=group.attrib["data-service"],
        left=at["x"],
        top=at["y"],
        right=at["x"] + at["width"],
        bottom=at["y"] + at["height"],
        texts=tuple(_text(one) for one in group.findall(f"{_SVG}text")),
    )


def _text(element: ElementTree.Element) -> Text:
    style, left = Style(element.attrib["class"]), float(element.attrib["x"])
    content = element.text or ""
    width = text_width(content, SIZES[style], bold=style is Style.HEADING)
    return Text(content=content, left=left, right=left + width, baseline=float(element.attrib["y"]))


def _points(path: str) -> Iterator[Point]:
    """Along a path of M, H and C, as the picture has them."""
    x, y = 0.0, 0.0
    for command, words in re.findall(r"([MHC])([^MHC]*)", path):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", words)]
        if command == "M":
            x, y = numbers
            yield x, y
        elif command == "H":
            (end,) = numbers
            yield from ((x + (end - x) * at / _STEPS, y) for at in range(1, _STEPS + 1))
            x = end
        else:
            yield from (_curve((x, y), numbers, at / _STEPS) for at in range(1, _STEPS + 1))
            x, y = numbers[-2:]


def _curve(start: Point, numbers: list[float], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    across, down = (start[0], *numbers[::2]), (start[1], *numbers[1::2])
    return (
        sum(weight * value for weight, value in zip(weights, across, strict=True)),
        sum(weight * value for weight, value in zip(weights, down, strict=True)),
    )
