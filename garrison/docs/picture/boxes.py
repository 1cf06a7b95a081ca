"""What stands in a box, line by line, and how large the box is for it."""

from dataclasses import dataclass
from enum import StrEnum

from garrison.docs.picture.graph import LOOPBACK, Kind, Node
from garrison.docs.picture.widths import text_width, wrap

PADDING = 12.0
WIDEST_TITLE = 190.0


class Style(StrEnum):
    """How a line of text looks; also its class in the SVG."""

    HEADING = "heading"
    TITLE = "title"
    REACHED = "reached"
    LOOPBACK = "loopback"


SIZES = {Style.HEADING: 15.0, Style.TITLE: 12.0, Style.REACHED: 12.0, Style.LOOPBACK: 11.0}
_LINE = {Style.HEADING: 19.0, Style.TITLE: 16.0, Style.REACHED: 17.0, Style.LOOPBACK: 20.0}
PILL = 6.0  # what the outline of an address on the loopback keeps free at each end


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of text; ``baseline`` is counted from the box's top."""

    text: str
    style: Style
    baseline: float

    @property
    def width(self) -> float:
        """In fonts as wide as any."""
        around = 2 * PILL if self.style is Style.LOOPBACK else 0
        return text_width(self.text, SIZES[self.style], bold=self.style is Style.HEADING) + around


@dataclass(frozen=True, kw_only=True)
class Content:
    """The lines of a box and the least it has to measure."""

    lines: tuple[Line, ...]
    width: float
    height: float


def fill_box(node: Node) -> Content:
    """Name, title in as many lines as it takes, and where the service is reached."""
    texts = [(node.heading, Style.HEADING)]
    texts += [(line, Style.TITLE) for line in wrap(node.title, SIZES[Style.TITLE], WIDEST_TITLE)]
    if node.alone:
        texts.append(("a network of its own", Style.TITLE))
    texts += [(line, Style.LOOPBACK if line.startswith(LOOPBACK) else Style.REACHED) for line in node.reached]
    if not node.reached and node.kind is not Kind.OUTSIDE:
        texts.append(("no port on the host", Style.TITLE))
    lines, bottom = [], PADDING - 3
    for text, style in texts:
        bottom += _LINE[style]
        lines.append(Line(text=text, style=style, baseline=bottom - 4))
    width = max(line.width for line in lines) + 2 * PADDING
    return Content(lines=tuple(lines), width=width, height=bottom + PADDING - 3)
