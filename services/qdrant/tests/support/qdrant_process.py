"""The lab's stand-in as a process of the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml
from qdrant_client import QdrantClient

ROOT = Path(__file__).parents[4]
NEXT_KEY = "the-next-key-that-only-these-tests-know-0123456789"
SOURCES = ROOT / "garrison" / "lab" / "stand_ins" / "qdrant" / "src"
READING_KEY = "a-key-to-read-that-only-these-tests-know-0123456789"
KEY = "a-key-that-only-these-tests-know-0123456789"


@dataclass(frozen=True)
class Target:
    """A server, its key, the one that it takes beside it, and the one that only reads."""

    url: str
    key: str
    next_key: str = NEXT_KEY
    reading_key: str = READING_KEY


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def connect(target: Target) -> QdrantClient:
    """The official client, over REST."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Api key is used with an insecure connection")
        # The client would ask for the version in a thread of its own; a test does it once.
        return QdrantClient(url=target.url, api_key=target.key, timeout=30, check_compatibility=False)


class StandIn:
    """``start`` returns when it is ready; its storage outlives ``kill`` and ``stop``."""

    def __init__(self, folder: Path, key: str | None) -> None:
        self.folder = folder
        self.port = free_port()
        self.target = Target(f"http://127.0.0.1:{self.port}", key or "")
        keys = {"api_key": key, "alt_api_key": NEXT_KEY, "read_only_api_key": READING_KEY} if key else {}
        service = {"host": "127.0.0.1", "http_port": self.port, **keys}
        config = {
            "service": service,
            "storage": {"storage_path": str(folder / "storage")},
            "log_level": "INFO",
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "qdrant_stand_in", "--config-path", str(self.folder / "config.yaml")]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES)}
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._running.poll() is None:
            try:
                if httpx.get(f"{self.target.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"the stand-in didn't start:\n{self.log()}")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(30)
            self._running = None
