"""Real servers for the tests, each a process of its own: PostgreSQL, Redis, the embeddings service, aidb."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
from aidb.database import login_of

SERVICES = Path(__file__).parents[3]
PASSWORD = "5" * 64
READER, WRITER, ADMIN = "gk_reader", "gk_writer", "gk_admin"
MODEL, DIMENSION = "all-MiniLM-L6-v2", 384
PACKAGES = "postgresql-17 postgresql-17-pgvector redis-server"
REMEDY = (
    f"on Debian 13: apt-get install {PACKAGES}; elsewhere: "
    f"mmdebstrap --variant=minbase --include={PACKAGES.replace(' ', ',')} trixie DIRECTORY "
    "and set GARRISON_TEST_PG=DIRECTORY"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Fail the test when ``condition`` doesn't come true in time; what can't be reached yet counts as no."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, httpx.HTTPError, psycopg.Error):
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
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(self.command, stdout=log, stderr=log, env=self.environment)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Returns the exit status."""
        assert self.running is not None
        self.running.send_signal(how)
        return self.wait()

    def wait(self, seconds: float = 60.0) -> int:
        assert self.running is not None
        return self.running.wait(seconds)

    def is_running(self) -> bool:
        return self.running is not None and self.running.poll() is None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the servers' programs lie: on this machine, or in a Debian tree entered by chroot."""

    tree: Path
    version: str

    def run_as(self, user: str, *command: str) -> list[str]:
        if self.tree != Path("/"):
            return ["chroot", f"--userspec={user}:{user}", str(self.tree), *command]
        if os.geteuid() != 0:
            return list(command)
        return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--", *command]

    def postgres(self, program: str) -> str:
        return f"/usr/lib/postgresql/{self.version}/bin/{program}"

    def make_directory(self, name: str) -> tuple[Path, str]:
        """A new directory: its path out here, and inside."""
        inside = f"/tmp/garrison-test-{os.getpid()}-{name}"
        outside = self.tree / inside.lstrip("/")
        outside.mkdir()
        outside.chmod(0o777)
        return outside, inside


def find_place() -> Place:
    """Where there is PostgreSQL with pgvector 0.8 or newer. Fails loudly, with the remedy, when nowhere."""
    tree = Path(os.environ.get("GARRISON_TEST_PG", "/"))
    for control in sorted(tree.glob("usr/share/postgresql/*/extension/vector.control"), reverse=True):
        found = re.search(r"default_version = '(\d+)\.(\d+)", control.read_text())
        if found and (int(found[1]), int(found[2])) >= (0, 8) and (tree / "usr/bin/redis-server").exists():
            return Place(tree=tree, version=control.parts[-3])
    pytest.fail(f"no PostgreSQL with pgvector 0.8 and Redis under {tree}; {REMEDY}")


@dataclass(kw_only=True)
class Postgres:
    """A cluster of its own; each test may make databases in it."""

    place: Place
    log: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.outside, inside = self.place.make_directory("postgres")
        (self.outside / "password").write_text(PASSWORD)
        initdb = [self.place.postgres("initdb"), "-D", f"{inside}/data", "-U", "postgres", "-E", "UTF8"]
        initdb += ["--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={inside}/password", "--no-sync"]
        subprocess.run(self.place.run_as("postgres", *initdb), check=True, capture_output=True)
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": inside}
        options |= {"dynamic_shared_memory_type": "sysv", "fsync": "off"}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = self.place.run_as(
            "postgres", self.place.postgres("postgres"), "-D", f"{inside}/data", *arguments
        )
        self.process = Process(name="postgres", command=command, log=self.log)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=PASSWORD,
            dbname=database,
            autocommit=True,
        )

    def start(self) -> None:
        self.process.start()
        wait_for("postgres answers", lambda: self.connect().close() is None)

    def make_database(self, name: str, *, with_vector: bool = True) -> None:
        with self.connect() as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'aidb'").fetchall():
                login = login_of("aidb", PASSWORD)
                connection.execute("CREATE ROLE aidb")
                connection.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}' IN ROLE aidb")
                connection.execute(f"ALTER ROLE {login} SET role = 'aidb'")
            connection.execute(f"CREATE DATABASE {name} OWNER aidb")
        if with_vector:
            with self.connect(name) as connection:
                connection.execute("CREATE EXTENSION vector")

    def remove(self) -> None:
        if self.process.is_running():
            self.process.stop(signal.SIGINT)
        shutil.rmtree(self.outside)


def make_redis(place: Place, log: Path, port: int) -> Process:
    """Redis with one user, who may touch ``aidb:*`` only, as in the stack."""
    user = ["--user", "aidb", "on", f">{PASSWORD}", "~aidb:*", "&aidb:*", "+@all", "-@admin", "-@dangerous"]
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", *user]
    run = place.run_as("nobody" if place.tree == Path("/") else "redis", *command, "--user", "default", "off")
    return Process(name="redis", command=run, log=log)


def make_directory_of_secrets(parent: Path) -> Path:
    secrets = parent / "secrets"
    secrets.mkdir()
    for name in ("postgres_aidb_password", "redis_aidb_password", "embeddings_aidb_password"):
        (secrets / name).write_text(PASSWORD)
    return secrets


def hashed(key: str) -> list[dict[str, str]]:
    """One key, as a list of clients or services has it."""
    return [{"id": "k1", "sha256": hashlib.sha256(key.encode()).hexdigest()}]


def write_clients(parent: Path) -> Path:
    """Three clients (one may read, one may read and write, one may all), and aidb itself, which asks embeddings."""
    scopes = {READER: ["read"], WRITER: ["read", "write"], ADMIN: ["read", "write", "admin"]}
    clients = [{"name": key[3:], "scopes": may, "keys": hashed(key)} for key, may in scopes.items()]
    services = [{"name": "aidb", "keys": hashed(PASSWORD)}]
    path = parent / "clients.json"
    path.write_text(json.dumps({"version": 1, "clients": clients, "services": services}))
    return path


def run_module(name: str, log: Path, environment: dict[str, str]) -> Process:
    """One of our services, from its sources."""
    own = SERVICES / "aidb/tests/support" if name == "aidb_lenient" else SERVICES / name / "src"
    sources = [SERVICES / "_kit/src", SERVICES / "aidb/src", own]
    whole = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, sources)),
        "GARRISON_EMBEDDING_MODEL": MODEL,
        "GARRISON_EMBEDDING_DIMENSION": str(DIMENSION),
        **environment,
    }
    return Process(name=name, command=[sys.executable, "-m", name], log=log, environment=whole)
