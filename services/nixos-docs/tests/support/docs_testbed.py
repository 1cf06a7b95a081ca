"""Real upstreams and a real nixos-docs for the tests: servers on the loopback, a process of its own."""

import contextlib
import hashlib
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from nixos_docs.fetch.bounds import Bounds
from nixos_docs.packs import Pack
from nixos_docs.sync_pack import INDEX, Order, Outcome, sync

SERVICES = Path(__file__).parents[3]
READER, WRITER, ADMIN = "gk_reader", "gk_writer", "gk_admin"
SCOPES = {READER: ["read"], WRITER: ["read", "write"], ADMIN: ["read", "write", "admin"]}
WHY = "the loopback of a test has no certificate"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Fail the test when ``condition`` doesn't come true in time; what can't be reached yet counts as no."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, httpx.HTTPError):
            if condition():
                return
        time.sleep(0.05)
    pytest.fail(f"waited {seconds:g} s in vain: {what}")


def tar(files: Mapping[str, bytes | str], *members: tarfile.TarInfo, mode: str = "w:gz") -> bytes:
    """An archive of ``files``, and of ``members`` that have no content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for member in members:
            archive.addfile(member)
    return buffer.getvalue()


Answer = Callable[[BaseHTTPRequestHandler], None]


class Upstream:
    """An HTTP server whose every path is content, or a function that misbehaves."""

    def __init__(self, port: int = 0) -> None:
        self.content: dict[str, bytes | Answer] = {}
        self.asked: list[str] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream.asked.append(self.path)
                found = upstream.content.get(self.path)
                if callable(found):
                    found(self)
                    return
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Length", str(len(found or b"")))
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def offer(self, name: str, content: bytes, *, ending: str = ".tar.gz", **more: Any) -> dict[str, Any]:
        """Serve ``content``, and the record of a pack that has it."""
        path = f"/{name}{ending}"
        self.content[path] = content
        record = {
            "name": name,
            "title": f"Pack {name}",
            "kind": "archive",
            "format": "pages",
            "url": self.url(path),
            "sha256": hashlib.sha256(content).hexdigest(),
            "insecure": WHY,
        }
        return record | more

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(kw_only=True)
class Docs:
    """One nixos-docs, as a process."""

    folder: Path
    environment: dict[str, str]
    port: int
    running: subprocess.Popen[bytes] | None = None
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.client(ADMIN)

    def client(self, key: str) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers={"X-API-Key": key}, timeout=180)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def write_packs(self, *packs: Mapping[str, Any]) -> None:
        (self.folder / "packs.json").write_text(json.dumps({"packs": packs}))

    def start(self, *, ready: bool = True) -> None:
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "nixos_docs"], stdout=log, stderr=log, env=self.environment
            )
        if ready:
            wait_for("nixos-docs is ready", lambda: self.http.get("/health/ready").status_code == 200)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.running is not None
        self.running.send_signal(how)
        return self.running.wait(30)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def ask(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def found(self, path: str = "/search", **body: Any) -> dict[str, Any]:
        answer = self.ask(path, **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def sources(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.http.get("/sources").json()["sources"]}

    def wait_until_synced(self, *names: str) -> None:
        wait_for(
            f"{names or 'all'} are synced",
            lambda: all(
                one["state"] == "ready" for name, one in self.sources().items() if not names or name in names
            ),
        )


def make_docs(folder: Path, **settings: object) -> Docs:
    """A nixos-docs with a folder of its own, not yet started."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    clients = [
        {
            "name": key[3:],
            "scopes": scopes,
            "keys": [{"id": key[3:], "sha256": hashlib.sha256(key.encode()).hexdigest()}],
        }
        for key, scopes in SCOPES.items()
    ]
    (folder / "clients.json").write_text(json.dumps({"version": 1, "clients": clients}))
    defaults: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "data_dir": folder / "data",
        "packs_file": folder / "packs.json",
        "clients_file": folder / "clients.json",
        "retry_seconds": 0.2,
        "stall_seconds": 1,
        "sync_seconds": 120,
    }
    environment = {f"NIXOS_DOCS_{name.upper()}": str(value) for name, value in (defaults | settings).items()}
    sources = [SERVICES / "_kit/src", SERVICES / "nixos-docs/src"]
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, sources)), **environment}
    docs = Docs(folder=folder, environment=whole, port=port)
    docs.write_packs()
    return docs


@contextlib.contextmanager
def running(docs: Docs, *packs: Mapping[str, Any]) -> Iterator[Docs]:
    """The service with these packs, stopped at the end."""
    docs.write_packs(*packs)
    docs.start()
    try:
        yield docs
    finally:
        docs.http.close()
        if docs.running is not None and docs.running.poll() is None:
            docs.stop()


BOUNDS = Bounds(
    max_download=10_000_000,
    max_unpacked=100_000_000,
    max_ratio=100,
    max_files=50,
    max_page=8_000_000,
    max_dump=100_000_000,
    max_memory=2**40,
    stall_seconds=1,
)


def sync_here(pack: Mapping[str, Any], folder: Path, **bounds: float) -> Outcome:
    """What a sync of ``pack`` ends with, without a service around it."""
    folder.mkdir()
    limits = BOUNDS.model_copy(update=bounds)
    return sync(Order(pack=Pack.model_validate(pack), folder=folder, bounds=limits))


def fault_of(pack: Mapping[str, Any], folder: Path, **bounds: float) -> str:
    """Why a sync of ``pack`` fails."""
    fault = sync_here(pack, folder, **bounds).fault
    assert fault is not None
    return fault


def paths_of(folder: Path) -> list[str]:
    """The pages that a sync in ``folder`` indexed."""
    connection = sqlite3.connect(folder / INDEX)
    try:
        return [path for (path,) in connection.execute("SELECT path FROM pages ORDER BY path")]
    finally:
        connection.close()
