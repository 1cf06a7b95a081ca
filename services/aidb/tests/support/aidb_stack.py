"""What the fixtures hand to tests: the running stack, and one aidb on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from aidb_testbed import WRITER, Postgres, Process, wait_for


@dataclass(kw_only=True)
class Stack:
    """What aidb needs, running."""

    directory: Path
    postgres: Postgres
    redis: Process
    embeddings: Process
    ports: dict[str, int]


@dataclass(kw_only=True)
class Aidb:
    """One running aidb and a client that may write."""

    process: Process
    url: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, headers={"X-API-Key": WRITER}, timeout=120)

    def ready(self) -> httpx.Response:
        return self.http.get("/health/ready")

    def wait_until_ready(self) -> None:
        wait_for("aidb is ready", lambda: self.ready().status_code == 200)

    def restart(self) -> None:
        self.process.stop()
        self.process.start()
        self.wait_until_ready()


Launch = Callable[..., Aidb]
