"""What the fixtures hand to tests: the running stack, and one aidb on it."""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from aidb_testbed import ADMIN, READER, WRITER, Postgres, Process, wait_for


@dataclass(kw_only=True)
class Stack:
    """What aidb needs, running."""

    directory: Path
    postgres: Postgres
    redis: Process
    embeddings: Process
    ports: dict[str, int]

    def signal_all_of(self, name: str, what: signal.Signals) -> None:
        """Send a signal to every process of a dependency: PostgreSQL has one for each connection."""
        started: Process = self.postgres.process if name == "postgres" else getattr(self, name)
        assert started.running is not None
        waiting = [started.running.pid]
        while waiting:
            pid = waiting.pop()
            with contextlib.suppress(OSError):
                waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
                os.kill(pid, what)


@dataclass(kw_only=True)
class Aidb:
    """One running aidb and a client of each kind; ``http`` may read and write."""

    process: Process
    url: str
    http: httpx.Client = field(init=False)
    reader: httpx.Client = field(init=False)
    admin: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http, self.reader, self.admin = (
            httpx.Client(base_url=self.url, headers={"X-API-Key": key}, timeout=120)
            for key in (WRITER, READER, ADMIN)
        )

    def close(self) -> None:
        for client in (self.http, self.reader, self.admin):
            client.close()
        if self.process.is_running():
            self.process.stop()

    def ready(self) -> httpx.Response:
        return self.http.get("/health/ready")

    def wait_until_ready(self) -> None:
        wait_for("aidb is ready", lambda: self.ready().status_code == 200)

    def restart(self) -> None:
        self.process.stop()
        self.process.start()
        self.wait_until_ready()


Launch = Callable[..., Aidb]
