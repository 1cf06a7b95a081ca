"""The picture as one SVG file, readable in light and in dark."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise

from garrison.catalog.catalog import Catalog
from garrison.docs.picture.boxes import PADDING, PILL, Content, Line, Style, fill_box
from garrison.docs.picture.graph import CLIENTS, Graph, Kind, Link, Node, Way, make_graph
from garrison.docs.picture.layers import make_layers
from garrison.docs.picture.legend import draw_legend
from garrison.docs.picture.look import STYLE, TIPS
from garrison.docs.picture.places import Box, Places, place

_MARGIN, _FRAME = 24.0, 22.0
_FRAME_HEAD, _ABOVE_LEGEND = 34.0, 14.0
_TITLE = "Services, networks and ports"


def draw(catalog: Catalog) -> str:
    """Services as boxes, networks as lines, in an SVG document."""
    return draw_graph(make_graph(catalog))


def draw_graph(graph: Graph) -> str:
    """The same for any graph of at least one node."""
    contents = {node.name: fill_box(node) for node in graph.nodes}
    places = place(make_layers(graph), contents)
    left, top = _MARGIN + (_FRAME if not _has_clients(graph) else 0), _MARGIN + _FRAME_HEAD
    right, bottom = _extent(places)
    width, below = left + right + _FRAME + _MARGIN, top + bottom + _FRAME + _ABOVE_LEGEND
    legend, height = draw_legend(_MARGIN, below, width - 2 * _MARGIN)
    inside = [
        *_frame(graph, places, bottom),
        *(_line(link, places) for link in _back_to_front(graph)),
        *(_box(node, contents[node.name], places.boxes[node.name]) for node in graph.nodes),
    ]
    return _document(width, below + height + _MARGIN, (left, top), [*inside, "</g>", *legend])


def _document(width: float, height: float, shift: tuple[float, float], parts: Iterable[str]) -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-labelledby="title">',
        f'<title id="title">{_TITLE}</title>',
        f"<style>{STYLE}</style>",
        f"<defs>{TIPS}</defs>",
        '<rect class="ground" width="100%" height="100%"/>',
        f'<g transform="translate({shift[0]:g} {shift[1]:g})">',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _has_clients(graph: Graph) -> bool:
    return any(node.name == CLIENTS for node in graph.nodes)


def _extent(places: Places) -> tuple[float, float]:
    """Right and bottom of all boxes and lines."""
    corners = [(box.right, box.bottom) for box in places.boxes.values()]
    corners += [point for line in places.lines.values() for point in line]
    return max(x for x, _ in corners), max(y for _, y in corners)


def _frame(graph: Graph, places: Places, bottom: float) -> Iterator[str]:
    """What is on the host."""
    inside = [places.boxes[node.name] for node in graph.nodes if node.kind is not Kind.OUTSIDE]
    x = min(box.x for box in inside) - _FRAME
    width = max(box.right for box in inside) + _FRAME - x
    yield (
        f'<rect class="host" x="{x:g}" y="{-_FRAME_HEAD:g}" width="{width:g}" '
        f'height="{bottom + _FRAME_HEAD + _FRAME:g}" rx="12"/>'
    )
    yield f'<text class="title" x="{x + 14:g}" y="{22 - _FRAME_HEAD:g}">the host</text>'


def _back_to_front(graph: Graph) -> list[Link]:
    """Routes below needs: of the door's lines there are the most."""
    return sorted(graph.links, key=lambda link: (list(Way).index(link.way), link.name))


def _line(link: Link, places: Places) -> str:
    """Straight through a layer, curved between two: so it stays where boxes can't be."""
    points = places.lines[link.name]
    path = [f"M{_point(points[0])}"]
    for number, (one, other) in enumerate(pairwise(points)):
        if number % 2:
            path.append(f"H{other[0]:g}")
        else:
            middle = (one[0] + other[0]) / 2
            path.append(f"C{middle:g},{one[1]:.1f} {middle:g},{other[1]:.1f} {_point(other)}")
    shape = " ".join(path)
    kind = "egress" if link.way is Way.EGRESS else "internal"
    return (
        f'<g class="link {link.way}" data-network="{escape(link.name)}" data-kind="{kind}">'
        f"<title>{escape(link.name)}</title>"
        f'<path class="halo" d="{shape}"/><path class="way" marker-end="url(#{link.way})" d="{shape}"/></g>'
    )


def _box(node: Node, content: Content, box: Box) -> str:
    down = (
        box.y + (box.height - content.height) / 2
    )  # some boxes are higher than their text, for their lines' sake
    lines = "".join(draw_text(line, box.x + PADDING, down + line.baseline) for line in content.lines)
    alone = f"<title>{escape(node.alone)}</title>" if node.alone else ""
    network = f' data-network="{escape(node.alone)}"' if node.alone else ""
    return (
        f'<g class="box {node.kind}" data-service="{escape(node.name)}"{network}>{alone}'
        f'<rect x="{box.x:g}" y="{box.y:.1f}" width="{box.width:g}" height="{box.height:g}" rx="8"/>{lines}</g>'
    )


def draw_text(line: Line, x: float, baseline: float) -> str:
    """One line of text; an address on the loopback has an outline."""
    if line.style is not Style.LOOPBACK:
        return f'<text class="{line.style}" x="{x:g}" y="{baseline:.1f}">{escape(line.text)}</text>'
    return (
        f'<rect class="pill" x="{x:g}" y="{baseline - 12:.1f}" width="{line.width:g}" height="16" rx="8"/>'
        f'<text class="{line.style}" x="{x + PILL:g}" y="{baseline:.1f}">{escape(line.text)}</text>'
    )


def _point(point: tuple[float, float]) -> str:
    return f"{point[0]:g},{point[1]:.1f}"
