"""What the fixtures hand to tests: the running stack, and one coordinator on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from hybrid_testbed import WRITER, Process, wait_for


@dataclass(kw_only=True)
class Stack:
    """What the coordinator needs, running."""

    directory: Path
    processes: dict[str, Process]
    ports: dict[str, int]


@dataclass(kw_only=True)
class Hybrid:
    """One running coordinator and a client that may write."""

    process: Process
    url: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.as_client(WRITER)

    def as_client(self, key: str) -> httpx.Client:
        """A client with another key."""
        return httpx.Client(
            base_url=self.url, headers={"X-API-Key": key}, timeout=60, transport=httpx.HTTPTransport()
        )

    def post(self, path: str, body: Any, key: str = WRITER) -> httpx.Response:
        return self.http.post(path, json=body, headers={"X-API-Key": key})

    def ok(self, path: str, body: Any, key: str = WRITER) -> dict[str, Any]:
        """The answer to a POST that must succeed."""
        answer = self.post(path, body, key)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ready(self) -> httpx.Response:
        return self.http.get("/health/ready")

    def wait_until_ready(self, seconds: float = 60) -> None:
        wait_for("hybrid-coordinator is ready", lambda: self.ready().status_code == 200, seconds)

    def restart(self) -> None:
        self.process.stop()
        self.process.start()
        self.wait_until_ready()


Launch = Callable[..., Hybrid]
