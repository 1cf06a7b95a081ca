"""Each framework's demo as a process of its own, served as the services are."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import httpx
from garrison_kit.options import Options

ADAPTERS = ("fastapi", "flask", "aiohttp")
SUPPORT = Path(__file__).parent
SOURCES = SUPPORT.parents[1] / "src"


class Log(Protocol):
    """What a server has written so far."""

    def getvalue(self) -> str:
        """All of it."""


@dataclass(frozen=True)
class FileLog:
    """The output of another process."""

    path: Path

    def getvalue(self) -> str:
        return self.path.read_text()


@dataclass(frozen=True)
class Served:
    """One adapter's application on a real server."""

    adapter: str
    port: int
    client: httpx.Client
    log: Log
    clients_file: Path

    def lines(self, event: str, count: int = 1, **fields: object) -> list[dict[str, Any]]:
        """The log lines of ``event`` with these fields; a line may come just after the answer, so it waits."""
        deadline = time.monotonic() + 5
        while True:
            wanted = {"event": event, **fields}
            found = [line for line in self.all_lines() if wanted.items() <= line.items()]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def all_lines(self) -> list[dict[str, Any]]:
        """The whole log, which must be JSON, but for a last line that is being written."""
        return [json.loads(line) for line in self.log.getvalue().split("\n")[:-1]]

    def send_raw(self, request: bytes, timeout: float = 5) -> bytes:
        """What comes back for these bytes until the server closes or says nothing more."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(request)
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except TimeoutError:
                pass
        return received


@dataclass(frozen=True)
class ServedProcess(Served):
    """The same, and the process that it is."""

    process: "subprocess.Popen[bytes]"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def serving(adapter: str, options: Options, *first: Path) -> Iterator[ServedProcess]:
    """The demo on the framework named; its log and keys lie where ``options`` has the clients' file.

    Modules in the folders ``first`` go before those of the same name elsewhere.
    """
    clients_file = Path(options.clients_file)
    port, log = free_port(), clients_file.with_name(f"log-{adapter}-{time.monotonic_ns()}")
    # Checks are functions: the process has its own.
    given = {f.name: getattr(options, f.name) for f in fields(options) if f.name != "checks"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, SUPPORT / "kit_process.py", adapter, str(port), json.dumps(given, default=str)],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": ":".join(map(str, (*first, SOURCES, SUPPORT))),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdout=output,
            stderr=output,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            _wait(client, process, log)
            yield ServedProcess(adapter, port, client, FileLog(log), clients_file, process)
    finally:
        process.terminate()
        process.wait(30)


def _wait(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            client.get("/health/live")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())
