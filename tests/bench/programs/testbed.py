"""aidb with all it needs, each a real process of its own, as the services' own tests start them."""

import http.client
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aidb_testbed import (
    PASSWORD,
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
from asking import Asker
from models import export_model

DATABASE = "bench"


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
            "embeddings": {"model_dir": export_model(folder), "deadline_seconds": 300},
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
