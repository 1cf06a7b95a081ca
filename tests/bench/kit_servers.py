"""The small applications as processes: started on ports of their own, measured from outside, stopped."""

import hashlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.bench.host_programs import FOLDER
from tests.bench.report import ROOT
from tests.bench.rounds import Run

PYTHON = ROOT / ".venv-services" / "bin" / "python"
KIT = ROOT / "services" / "_kit" / "src"
KEY = "gk_bench"
CONNECTIONS = 8
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Served:
    """One application that answers on ``port``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, requests: int, request: bytes) -> Run:
        """Wall and processor seconds that it took the server; the load comes from a process of its own."""
        words = [
            *_on(1),
            str(PYTHON),
            str(FOLDER / "load.py"),
            str(self.port),
            str(CONNECTIONS),
            str(requests),
        ]
        before = self._cpu()
        done = subprocess.run(words, input=request, capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:].decode(errors="replace")
        return Run(wall=float(done.stdout), cpu=self._cpu() - before, output="")

    def count_lines(self, expected: int) -> int:
        """The requests in its log, which come a moment after their answers."""
        deadline = time.monotonic() + 10
        while (found := self.log.read_text().count('"event": "request"')) < expected:
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return found

    def count_requests(self) -> int:
        """The requests in its metrics, which a scrape finds complete."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        counts = [float(line.rpartition(" ")[2]) for line in lines if line.startswith("http_requests_total{")]
        return int(sum(counts))

    def _cpu(self) -> float:
        """Of the process and its children, which is where gunicorn serves."""
        processes = [self.process.pid, *_children(self.process.pid)]
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in processes]
        return sum(int(one[11]) + int(one[12]) for one in fields) / _TICKS


@contextmanager
def serve(framework: str, side: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Served]:
    """The application ``side`` (bare, kit or silent) of ``framework``, until the block ends."""
    if not PYTHON.is_file():
        pytest.fail(f"there is no {PYTHON.parents[1].name}; `make services-test` makes it")
    clients = folder / "clients.json"
    clients.write_text(json.dumps(_clients()))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": str(KIT), "BENCH_CLIENTS": str(clients), **environment}
    words = [*_on(0), str(PYTHON), str(FOLDER / "kit_server.py"), framework, side, str(port)]
    path = folder / f"{framework}-{side}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, env=whole)
    try:
        _wait(port, process, path)
        yield Served(process=process, port=port, log=path)
    finally:
        process.terminate()
        process.wait(30)


def write_request(method: str, path: str, body: object = None) -> bytes:
    """A request with the key, as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*", f"X-API-Key: {KEY}"]
    if content:
        head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*head, "", ""]).encode() + content


def _clients() -> dict[str, object]:
    """A dozen keys: each is compared with the one that comes."""
    keys = [KEY, *(f"gk_other{number}" for number in range(11))]
    clients = [
        {
            "name": key[3:],
            "scopes": ["read", "write"],
            "keys": [{"id": "k", "sha256": hashlib.sha256(key.encode()).hexdigest()}],
        }
        for key in keys
    ]
    return {"version": 1, "clients": clients}


def _on(core: int) -> list[str]:
    """Words that keep a program on one core, so that server and load never share one; none on a single core."""
    return ["taskset", "--cpu-list", str(core)] if len(os.sched_getaffinity(0)) > 1 else []


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"no server on port {port}: {log.read_text()[-2000:]}")
