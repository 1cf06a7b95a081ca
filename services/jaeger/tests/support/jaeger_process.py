"""The lab's stand-in as a process of the tests, with the configuration that is rendered for Jaeger."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[4]
SOURCES = ROOT / "garrison" / "lab" / "stand_ins" / "jaeger" / "src"
RENDERED = ROOT / "tests" / "golden" / "jaeger" / "jaeger.yml"
KEPT = 5000  # max_traces there
PORTS = {"otlp": 4318, "query": 16686, "health": 13133, "metrics": 8888}


def free_ports(count: int) -> list[int]:
    """Ports that are free now, each once."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return found


class StandIn:
    """``start`` returns when it is healthy; what it kept is gone after ``stop``."""

    def __init__(self, folder: Path, max_traces: int = KEPT) -> None:
        self.folder = folder
        text = RENDERED.read_text().replace("0.0.0.0", "127.0.0.1")
        text = text.replace(f"max_traces: {KEPT}", f"max_traces: {max_traces}")
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        for name, port in PORTS.items():
            text = text.replace(f":{port}", f":{self.ports[name]}").replace(
                f"port: {port}", f"port: {self.ports[name]}"
            )
        (folder / "jaeger.yml").write_text(text)
        self._running: subprocess.Popen[bytes] | None = None

    def url(self, listener: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[listener]}{path}"

    def ask(self, path: str, **said: str) -> httpx.Response:
        """A question to the query API."""
        return httpx.get(self.url("query", path), params=said, trust_env=False)

    def trace(self, trace_id: str) -> dict[str, Any]:
        """A trace that is kept."""
        (found,) = self.ask(f"/api/traces/{trace_id}").json()["data"]
        document: dict[str, Any] = found
        return document

    def send(self, body: bytes, **headers: str) -> httpx.Response:
        """Spans as they are."""
        said = {"Content-Type": "application/x-protobuf", **headers}
        return httpx.post(self.url("otlp", "/v1/traces"), content=body, headers=said, trust_env=False)

    def start(self) -> None:
        command = [sys.executable, "-m", "jaeger_stand_in", f"--config={self.folder / 'jaeger.yml'}"]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES)}
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._running.poll() is None:
            try:
                if httpx.get(self.url("health", "/status"), trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"the stand-in didn't start:\n{self.log()}")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self) -> int:
        """Tell it to stop; its exit status."""
        if self._running is None:
            return 0
        self._running.send_signal(signal.SIGTERM)
        status, self._running = self._running.wait(30), None
        return status
