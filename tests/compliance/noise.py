"""Requests that have nothing in common but a mark, of as many kinds as there are labels that a client might fill."""

import itertools
import random
import string
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from tests.compliance.client import Door

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "")
PATHS = ("{}", "{}/{}", "documents/{}", "mcp/{}", "openapi.json?{}={}", "health/{}", "%2F{}", "{}.php")
FIELDS = ("X-Request-ID", "X-Client", "X-API-Key", "Authorization", "User-Agent", "traceparent", "")
KINDS = tuple(itertools.product(METHODS, PATHS, FIELDS))


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Noise:
    """Without end: every kind of method, path and field in turn, and in each what was never there before.

    ``places`` are the paths of routes, or ``/``; the key is one that opens them.
    """

    mark: str
    places: tuple[str, ...]
    key: str

    def requests(self, seed: int) -> Iterator[Asked]:
        """Other ones for each ``seed``."""
        chosen = random.Random(f"{self.mark} {seed}")  # noqa: S311 - nobody has to be unable to guess it
        kinds = chosen.sample(KINDS, len(KINDS))
        for place, kind in zip(itertools.cycle(self.places), itertools.cycle(kinds), strict=False):
            yield self._ask(chosen, place, *kind)

    def _word(self, chosen: random.Random) -> str:
        """The mark, and letters: anything else no method may have."""
        return self.mark + "".join(chosen.choices(string.ascii_lowercase, k=12))

    def _ask(self, chosen: random.Random, place: str, method: str, path: str, field: str) -> Asked:
        words = (self._word(chosen) for _ in itertools.count())
        fields = {"X-API-Key": self.key, f"X-{next(words)}": next(words)}
        if field == "Authorization":
            del fields["X-API-Key"]
            fields[field] = f"Bearer {next(words)}"
        elif field:
            fields[field] = next(words)
        filled = "".join(next(words) if part == "{}" else part for part in _parts(path))
        return Asked(method or next(words).upper(), place + filled, fields)


def _parts(path: str) -> list[str]:
    return [part for one in path.split("{}") for part in (one, "{}")][:-1]


@dataclass
class Flood:
    """Noise from several connections, at a rate, and what came of it."""

    door: Door
    noise: Noise
    rate: float
    workers: int = 4
    statuses: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, many: int, seed: int) -> None:
        """So many requests; each has an answer, or the error that it met."""
        threads = [
            threading.Thread(target=self._work, args=(many // self.workers, seed * self.workers + one))
            for one in range(self.workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, many: int, seed: int) -> None:
        began = time.monotonic()
        with self.door.client() as client:
            for sent, asked in enumerate(itertools.islice(self.noise.requests(seed), many)):
                # No faster than its share of the rate, and no wait where it has fallen behind.
                time.sleep(max(0.0, began + sent * self.workers / self.rate - time.monotonic()))
                status = self._ask(client, asked)
                with self.lock:
                    self.statuses[status] += 1

    @staticmethod
    def _ask(client: httpx.Client, asked: Asked) -> str:
        try:
            answer = client.request(asked.method, asked.path, headers=asked.fields)
        except httpx.HTTPError as error:
            return type(error).__name__
        return str(answer.status_code)
