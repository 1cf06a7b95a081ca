"""Asks in turns, slowly enough for a limit of requests a second."""

import time
from collections.abc import Callable, Sequence

_PERIOD = 0.025  # of 50 requests a second that the kit allows a client, 40


def in_turns(sides: Sequence[Callable[[int], float]], count: int, rounds: int) -> list[list[float]]:
    """Seconds of each side for each of ``count`` questions, ``rounds`` times after one that is left out."""
    found: list[list[float]] = [[] for _ in sides]
    for number in range(count * (rounds + 1)):
        began = time.monotonic()
        for side, times in zip(sides, found, strict=True):
            seconds = side(number % count)
            if number >= count:
                times.append(seconds)
        time.sleep(max(0.0, began + _PERIOD - time.monotonic()))
    return found
