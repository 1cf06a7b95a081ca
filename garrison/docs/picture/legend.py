"""What the lines, boxes and outlines mean, in rows below the picture."""

from collections.abc import Iterator

from garrison.docs.picture.boxes import SIZES, Style
from garrison.docs.picture.graph import Kind, Way
from garrison.docs.picture.widths import text_width

_SAMPLE, _AFTER, _BETWEEN, _ROW = 30.0, 8.0, 26.0, 24.0
_Sample = Way | Kind | Style
_MEANINGS: tuple[tuple[_Sample | None, str], ...] = (
    (Way.ROUTE, "the door leads to it"),
    (Way.NEED, "needs it, scrapes it or sends it spans"),
    (Way.EGRESS, "may leave the host"),
    (Kind.OWN, "checks clients' keys itself"),
    (Style.LOOPBACK, "reached from the host itself only"),
    (None, "Each line is a network of just its two ends. Nothing else can meet."),
)


def draw_legend(x: float, y: float, width: float) -> tuple[list[str], float]:
    """The legend's elements and how high it is; it begins at ``x``, ``y`` and is as wide as ``width`` at most."""
    parts: list[str] = []
    across, row = 0.0, 0
    for what, meaning in _MEANINGS:
        sample = _SAMPLE + _AFTER if what else 0.0
        needed = sample + text_width(meaning, SIZES[Style.TITLE])
        if across and across + needed > width:
            across, row = 0.0, row + 1
        top = y + row * _ROW
        parts += _draw_sample(x + across, top, what) if what else ()
        parts.append(f'<text class="title" x="{x + across + sample:g}" y="{top + 12:g}">{meaning}</text>')
        across += needed + _BETWEEN
    return parts, (row + 1) * _ROW


def _draw_sample(x: float, y: float, what: _Sample) -> Iterator[str]:
    if isinstance(what, Way):
        yield (
            f'<g class="sample {what}"><path class="way" marker-end="url(#{what})" '
            f'd="M{x:g},{y + 8:g} H{x + _SAMPLE:g}"/></g>'
        )
    else:
        shape = f'x="{x:g}" y="{y:g}" width="{_SAMPLE:g}" height="16"'
        is_pill = isinstance(what, Style)
        yield (
            f'<rect class="pill" {shape} rx="8"/>'
            if is_pill
            else f'<g class="box {what}"><rect {shape} rx="4"/></g>'
        )
