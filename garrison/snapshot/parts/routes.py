"""How the host came by its ways out."""

from itertools import pairwise

from garrison.snapshot.parts.base import run


def advertised_route(text: str | None = None) -> bool | None:
    """Whether a router's advertisement brought a default route of IPv6; None where nobody tells the routes."""
    told = run("ip", "-6", "route", "show", "table", "all", "default") if text is None else text
    if told is None:
        return None
    words = [line.split() for line in told.splitlines()]
    return any(("proto", "ra") in pairwise(line) for line in words)
