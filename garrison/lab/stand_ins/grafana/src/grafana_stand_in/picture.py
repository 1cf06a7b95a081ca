"""Lines and states over time as SVG."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from grafana_stand_in.values import colour, shown

HEIGHT, LEFT, BOTTOM, ROW = 200, 64, 18, 22
PALETTE = (
    *("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0", "#508642"),
    *("#cca300", "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477"),
)


@dataclass(frozen=True, kw_only=True)
class Series:
    """What one line is called, and its points: time and value."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Times:
    """From when to when a picture goes, the moments in it that are marked, and how wide it is."""

    begin: float
    end: float
    width: int
    marks: tuple[float, ...] = ()

    @property
    def step(self) -> float:
        """How far apart points are; further than twice that is a gap."""
        return max((self.end - self.begin) / 240, 15.0)

    def x(self, moment: float) -> float:
        """Where ``moment`` lies."""
        return LEFT + (self.width - LEFT) * (moment - self.begin) / (self.end - self.begin)


def draw_lines(series: Sequence[Series], times: Times, defaults: dict[str, Any]) -> str:
    """A line for each series, from nothing up to the largest value."""
    unit = str(defaults.get("unit", "short"))
    values = [value for one in series for _, value in one.points if math.isfinite(value)]
    top = max([*values, 0.0]) * 1.08 or 1.0
    parts = [_levels(top, unit, times)]
    for number, one in enumerate(series):
        ink = PALETTE[number % len(PALETTE)]
        parts += [
            f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="1.5"/>'
            for path in _paths(one, times, top)
        ]
    return _svg([*parts, *_marks(times, HEIGHT)], times, HEIGHT)


def draw_states(series: Sequence[Series], times: Times, defaults: dict[str, Any]) -> str:
    """A bar for each series, coloured as its thresholds say."""
    parts = []
    for number, one in enumerate(series):
        y = number * ROW
        parts += [
            f'<path d="M{times.x(begin):.1f} {y + ROW / 2}H{times.x(end):.1f}" stroke="{escape(ink)}" '
            f'stroke-width="{ROW - 3}" stroke-opacity="0.6"/>'
            for begin, end, ink in _spans(one, times, defaults)
        ]
        parts.append(f'<text x="{LEFT + 4}" y="{y + ROW / 2 + 4}" class="on">{escape(one.name)}</text>')
    high = len(series) * ROW + BOTTOM
    return _svg([*parts, *_hours(times, high), *_marks(times, high)], times, high)


def _spans(series: Series, times: Times, defaults: dict[str, Any]) -> list[tuple[float, float, str]]:
    """From when to when it had which colour; a gap ends a span."""
    found: list[tuple[float, float, str]] = []
    gap = 2 * times.step
    for at, value in series.points:
        ink = colour(value, defaults)
        if found and found[-1][2] == ink and at - found[-1][1] <= gap:
            found[-1] = (found[-1][0], at, ink)
        else:
            begin = found[-1][1] if found and at - found[-1][1] <= gap else at
            found.append((begin, at, ink))
    return found


def _paths(series: Series, times: Times, top: float) -> list[str]:
    """A path for each stretch without a gap."""
    found: list[list[str]] = [[]]
    last = None
    gap = 2 * times.step
    for at, value in series.points:
        if not math.isfinite(value) or (last is not None and at - last > gap):
            found.append([])
        if math.isfinite(value):
            y = (HEIGHT - BOTTOM) * (1 - value / top)
            found[-1].append(f"{times.x(at):.1f} {y:.1f}")
            last = at
    return ["M" + "L".join(one) for one in found if one]


def _levels(top: float, unit: str, times: Times) -> str:
    parts = []
    for quarter in range(5):
        y = (HEIGHT - BOTTOM) * (1 - quarter / 4)
        said = escape(shown(top * quarter / 4, unit, times.end))
        parts.append(f'<path d="M{LEFT} {y:.1f}H{times.width}" stroke="#ffffff22"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{max(y + 4, 10):.1f}" text-anchor="end">{said}</text>')
    return "".join([*parts, *_hours(times, HEIGHT)])


def _hours(times: Times, high: int) -> list[str]:
    moments = [times.begin + (times.end - times.begin) * sixth / 6 for sixth in range(1, 6)]
    place = f'y="{high - 3}" text-anchor="middle"'
    return [
        f'<text x="{times.x(at):.1f}" {place}>{time.strftime("%H:%M", time.gmtime(at))}</text>'
        for at in moments
    ]


def _marks(times: Times, high: int) -> list[str]:
    return [
        f'<path d="M{times.x(at):.1f} 0V{high - BOTTOM}" stroke="#5794f2" stroke-dasharray="3 3"/>'
        for at in times.marks
        if times.begin <= at <= times.end
    ]


def _svg(parts: Sequence[str], times: Times, high: int) -> str:
    return f'<svg viewBox="0 0 {times.width} {high}" role="img">{"".join(parts)}</svg>'
