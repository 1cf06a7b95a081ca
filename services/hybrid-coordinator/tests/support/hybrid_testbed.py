"""Real servers for the tests, each a process of its own: Redis, Qdrant's engine, embeddings, the coordinator."""

import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

SERVICES = Path(__file__).parents[3]
STAND_IN = SERVICES.parent / "garrison/lab/stand_ins/qdrant/src"
PASSWORD = "5" * 64
READER, WRITER, ADMIN, OTHER = "gk_reader", "gk_writer", "gk_admin", "gk_other"
SCOPES = {
    READER: ["read"],
    WRITER: ["read", "write"],
    OTHER: ["read", "write"],
    ADMIN: ["read", "write", "admin"],
}
SECRETS = (
    "qdrant_key",
    "redis_hybrid_coordinator_password",
    "embeddings_hybrid_coordinator_password",
    "llama_cpp_key",
)
_ESTABLISHED = "01"  # as the kernel's list has it
EMBEDDING = {"GARRISON_EMBEDDING_MODEL": "all-MiniLM-L6-v2", "GARRISON_EMBEDDING_DIMENSION": "384"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Fail the test when ``condition`` doesn't come true in time; what can't be reached yet counts as no."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, httpx.HTTPError):
            if condition():
                return
        time.sleep(0.1)
    pytest.fail(f"waited {seconds:g} s in vain: {what}")


@dataclass(kw_only=True)
class Process:
    """A program that the tests start and stop."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] | None = None
    running: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log, env=self.environment)

    def send(self, how: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(how)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Returns the exit status."""
        self.send(how)
        assert self.running is not None
        return self.running.wait(60)

    def is_running(self) -> bool:
        return self.running is not None and self.running.poll() is None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """As long as the block runs it keeps its connections and answers nothing."""
        assert self.running is not None
        _signal_all(self.running.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal_all(self.running.pid, signal.SIGCONT)

    def connections(self, port: int) -> int:
        """How many connections it has to a port of this machine."""
        assert self.running is not None
        own = set()
        for one in Path(f"/proc/{self.running.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed since it was listed
                own.add(str(one.readlink()))
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        there = f"0100007F:{port:04X}"
        return sum(one[2:4] == [there, _ESTABLISHED] and f"socket:[{one[9]}]" in own for one in sockets)


def _signal_all(pid: int, how: signal.Signals) -> None:
    # gunicorn answers from a child process.
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            _signal_all(int(child), how)
    os.kill(pid, how)


def find_redis() -> Path:
    """The tree that holds Redis 7.2 or newer (WAITAOF): this machine's, or the one of GARRISON_TEST_PG."""
    tree = Path(os.environ.get("GARRISON_TEST_PG", "/"))
    if not (tree / "usr/bin/redis-server").exists():
        pytest.fail(f"no Redis under {tree}: set GARRISON_TEST_PG to what services/tree.sh prints")
    return tree


def make_redis(log: Path, port: int, directory: str) -> Process:
    """Redis as in the stack: an append-only file, and one user who may touch its own prefix only."""
    tree = find_redis()
    (tree / directory.lstrip("/")).mkdir(mode=0o777)
    (tree / directory.lstrip("/")).chmod(0o777)
    may = ["~hybrid-coordinator:*", "&hybrid-coordinator:*", "+@all", "-@admin", "-@dangerous"]
    user = ["--user", "hybrid-coordinator", "on", f">{PASSWORD}", *may, "-scan", "-function"]
    keep = ["--dir", directory, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), *keep, *user]
    command += ["--user", "default", "off"]
    if tree != Path("/"):
        command = ["chroot", "--userspec=redis:redis", str(tree), *command]
    return Process(name="redis", command=command, log=log)


def make_qdrant(directory: Path, port: int) -> Process:
    config = {
        "service": {"host": "127.0.0.1", "http_port": port, "api_key": PASSWORD},
        "storage": {"storage_path": str(directory / "qdrant")},
    }
    file = directory / "qdrant.yaml"
    file.write_text(yaml.safe_dump(config))
    return Process(
        name="qdrant",
        command=[sys.executable, "-m", "qdrant_stand_in", "--config-path", str(file)],
        log=directory / "qdrant.log",
        environment={"PATH": os.environ["PATH"], "PYTHONPATH": str(STAND_IN)},
    )


def make_llama(directory: Path, port: int) -> Process:
    """A stand-in for llama.cpp, in the tests only: it has no model and says what it was asked."""
    program = Path(__file__).parent / "llama_stand_in.py"
    return Process(
        name="llama-cpp",
        command=[sys.executable, str(program), str(port), PASSWORD],
        log=directory / "llama.log",
        environment={"PATH": os.environ["PATH"]},
    )


def write_secrets(parent: Path) -> Path:
    secrets = parent / "secrets"
    secrets.mkdir()
    for name in SECRETS:
        (secrets / name).write_text(PASSWORD)
    return secrets


def hashed(key: str) -> list[dict[str, str]]:
    """One key, as a list of clients or services has it."""
    return [{"id": "k1", "sha256": hashlib.sha256(key.encode()).hexdigest()}]


def write_clients(parent: Path) -> Path:
    """Everybody who may ask: the clients, and the coordinator itself, which asks embeddings."""
    clients = [{"name": key[3:], "scopes": may, "keys": hashed(key)} for key, may in SCOPES.items()]
    services = [{"name": "hybrid-coordinator", "keys": hashed(PASSWORD)}]
    path = parent / "clients.json"
    path.write_text(json.dumps({"version": 1, "clients": clients, "services": services}))
    return path


def run_module(name: str, log: Path, environment: dict[str, str]) -> Process:
    """One of our services, from its sources."""
    sources = [SERVICES / "_kit/src", SERVICES / name.replace("_", "-") / "src"]
    whole = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, sources)),
        "PYTHONDONTWRITEBYTECODE": "1",
        **EMBEDDING,
        **environment,
    }
    return Process(name=name, command=[sys.executable, "-m", name], log=log, environment=whole)


def metric(text: str, name: str) -> float:
    """The value of a series in a scrape, 0 when it isn't there."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0
