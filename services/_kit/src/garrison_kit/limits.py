"""What one request and one client may take: the body's size, a place among those served, requests a second."""

import math
import threading
import time
from collections.abc import Callable

from garrison_kit.problems import HttpProblemError


def too_large(limit: int) -> HttpProblemError:
    """The problem of a body over ``limit`` bytes."""
    return HttpProblemError(413, f"The body is larger than {limit} bytes.")


def too_slow(seconds: float, *, is_body_read: bool = True) -> HttpProblemError:
    """The problem of a request past its time: 504, or 408 when the client had not sent its body by then."""
    if is_body_read:
        return HttpProblemError(504, f"The request took longer than {seconds:g} s.")
    return HttpProblemError(408, f"The body had not arrived within {seconds:g} s.", headers=_CLOSE)


_CLOSE = {"Connection": "close"}


def refuse_declared_length(content_length: str | None, limit: int) -> None:
    """Raise HttpProblemError: 413 for a declared length over ``limit``, 400 for one that is no number."""
    if content_length is None or not content_length.strip():
        return
    text = content_length.strip()
    if not (text.isascii() and text.isdigit()):
        raise HttpProblemError(400, "Content-Length is not a whole number.", headers=_CLOSE)
    if len(text) > 18 or int(text) > limit:
        raise too_large(limit)


class BodyMeter:
    """Counts what arrives; for bodies that don't say how long they are."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = 0

    def add(self, size: int) -> None:
        """Count ``size`` more bytes. Raises HttpProblemError (413) once they are too many."""
        self._received += size
        if self._received > self._limit:
            raise too_large(self._limit)


class Places:
    """How many requests are served at once; ``with`` it around one. Entering raises as ``take``."""

    def __init__(self, count: int) -> None:
        self._count, self._taken = count, 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are served now."""
        return self._taken

    def take(self) -> None:
        """Take a place; give it back with ``free``. Raises HttpProblemError (503) when there is none."""
        with self._lock:
            if self._taken >= self._count:
                raise HttpProblemError(
                    503,
                    f"{self._count} requests are being served, which is as many as may be. Try again shortly.",
                    headers={"Retry-After": "1"},
                )
            self._taken += 1

    def free(self) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= 1

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *_: object) -> None:
        self.free()


class Rates:
    """A token bucket for each client: ``rate`` requests a second, ``burst`` at once after a silence."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, float(burst), clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, client: str) -> None:
        """Count one request of ``client``. Raises HttpProblemError (429) when it has to wait, saying how long."""
        if math.isinf(self._rate):
            return
        with self._lock:
            now = self._clock()
            tokens, filled = self._buckets.get(client, (self._burst, now))
            tokens = min(self._burst, tokens + (now - filled) * self._rate)
            is_allowed = tokens >= 1
            self._buckets[client] = (tokens - 1 if is_allowed else tokens, now)
        if not is_allowed:
            wait = max(1, math.ceil((1 - tokens) / self._rate))
            raise HttpProblemError(
                429,
                f"More than {self._rate:g} requests a second. Try again in {wait} s.",
                headers={"Retry-After": str(wait)},
            )
