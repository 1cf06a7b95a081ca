"""A load through the door that tries nothing twice and counts every answer that is none."""

import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

# What asks every provider, through the door and from service to service: PostgreSQL and Redis (aidb), Qdrant, Redis,
# embeddings and llama.cpp (hybrid).
ASKED: dict[str, tuple[str, str, dict[str, object] | None]] = {
    "aidb documents": ("GET", "/aidb/documents?limit=1", None),
    "aidb search": ("POST", "/aidb/vector/search", {"query": "a word", "limit": 1}),
    "embeddings": ("POST", "/embeddings/v1/embeddings", {"input": "a word"}),
    "hybrid search": ("POST", "/hybrid/search", {"query": "a word", "limit": 1}),
    "hybrid answer": ("POST", "/hybrid/query", {"prompt": "Hi", "max_tokens": 2}),
    "llama": (
        "POST",
        "/llama/v1/chat/completions",
        {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2},
    ),
}
TIMEOUT = 120.0


@dataclass(frozen=True)
class Place:
    """Where the door is, and whom it is certified by."""

    url: str
    authority: Path

    @cached_property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def client(self, key: str) -> httpx.Client:
        """A client that keeps its connections and tries nothing twice."""
        headers = {"X-API-Key": key}
        return httpx.Client(
            base_url=self.url, headers=headers, verify=self.trust, timeout=TIMEOUT, trust_env=False
        )


@dataclass
class Load:
    """One thread for each kind of request; each request has a connection of its own."""

    place: Place
    key: str
    answered: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    longest: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._ask, args=(name,), daemon=True) for name in ASKED]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Let the requests that are under way end, and begin no other."""
        self._stop.set()
        for thread in self._threads:
            thread.join(TIMEOUT + 10)

    def _ask(self, name: str) -> None:
        method, path, body = ASKED[name]
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                with self.place.client(self.key) as client:
                    answer = client.request(method, path, json=body)
                fault = None if answer.status_code == 200 else f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPError as error:
                fault = f"{type(error).__name__}: {error}"
            self.longest = max(self.longest, time.monotonic() - began)
            if fault is None:
                self.answered[name] += 1
            else:
                self.failed.append(f"{name}: {fault}")
