"""Numbers as a person reads them, by Grafana's names of units, and the colour that thresholds give them."""

import math
from typing import Any

COLOURS = {"green": "#73bf69", "red": "#f2495c"}
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB")
_SPANS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (0.001, "ms"))
_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_AFTER = {"reqps": " req/s", "ops": " ops/s"}


def shown(value: float, unit: str, now: float) -> str:
    """``value`` with its unit; ``now`` is what a point of time is told from."""
    if math.isnan(value) or math.isinf(value):
        return "none"
    if unit == "percentunit":
        return f"{_digits(value * 100)} %"
    if unit in ("bytes", "Bps"):
        power = 0
        while abs(value) >= 1024 and power < len(_SIZES) - 1:
            value, power = value / 1024, power + 1
        return f"{_digits(value)} {_SIZES[power]}{'/s' if unit == 'Bps' else ''}"
    if unit == "s":
        return _span(value)
    if unit == "dateTimeFromNow":
        return f"{_span(now - value / 1000)} ago"
    if unit == "bool_yes_no":
        return "yes" if value else "no"
    return f"{_short(value)}{_AFTER.get(unit, '')}"


def colour(value: float, defaults: dict[str, Any]) -> str:
    """What the thresholds of a panel's field say of ``value``."""
    steps = (defaults.get("thresholds") or {}).get("steps") or []
    found = "green"
    for step in steps:
        if step.get("value") is None or value >= step["value"]:
            found = str(step["color"])
    return COLOURS.get(found, found if found.isalpha() else COLOURS["green"])


def _span(seconds: float) -> str:
    for size, name in _SPANS:
        if abs(seconds) >= size:
            return f"{_digits(seconds / size)} {name}"
    return f"{seconds:.3g} s"


def _short(value: float) -> str:
    for size, name in _THOUSANDS:
        if abs(value) >= size:
            return f"{_digits(value / size)}{name}"
    return f"{value:.3g}"


def _digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
