"""Searches of hybrid-coordinator beside the same requests by qdrant-client: ``hybrid_search.py ROUNDS POINTS``.

Standard input is a JSON object: the stored vectors lie around those of ``real``, and ``questions`` are asked.
Answers in JSON.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from asking import Asker
from garrison_kit.breaker import Breaker
from hybrid_coordinator.knowledge import ENTRIES, KNOWLEDGE, Collection, Entry, make_id
from hybrid_coordinator.searching import Searcher
from hybrid_coordinator.settings import Settings
from hybrid_coordinator.store import Point, Store, open_qdrant
from hybrid_testbed import (
    PASSWORD,
    READER,
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
from models import export_model
from pacing import in_turns
from vectors import Matrix, spread

ROUNDS, POINTS = map(int, sys.argv[1:])
BATCH = 32
Call = tuple[tuple[Any, ...], dict[str, Any]]


@contextmanager
def stack(folder: Path) -> Iterator[dict[str, int]]:
    """Redis, Qdrant's stand-in, embeddings and the coordinator; the ports by name."""
    secrets, clients = write_secrets(folder), write_clients(folder)
    ports = {name: free_port() for name in ("redis", "qdrant", "embeddings", "llama-cpp", "hybrid")}
    inside = f"/tmp/garrison-bench-{os.getpid()}"
    both = {"HOST": "127.0.0.1", "SECRETS_DIR": str(secrets), "CLIENTS_FILE": str(clients)}
    own = {
        "EMBEDDINGS": both
        | {"PORT": ports["embeddings"], "MODEL_DIR": export_model(folder), "DEADLINE_SECONDS": 300},
        "HYBRID": both
        | {
            "PORT": ports["hybrid"],
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": ports["redis"],
            "PATTERN_INTERVAL": 3600,
        }
        | {
            f"{name.upper().replace('-', '_')}_URL": f"http://127.0.0.1:{ports[name]}"
            for name in ("qdrant", "embeddings", "llama-cpp")
        },
    }
    processes: list[Process] = [
        make_redis(folder / "redis.log", ports["redis"], inside),
        make_qdrant(folder, ports["qdrant"]),
        make_llama(folder, ports["llama-cpp"]),
    ]
    for name, module in (("EMBEDDINGS", "embeddings"), ("HYBRID", "hybrid_coordinator")):
        environment = {f"{name}_{key}": str(value) for key, value in own[name].items()}
        processes.append(run_module(module, folder / f"{module}.log", environment))
    try:
        for process in processes:
            process.start()
        for name in ("embeddings", "hybrid"):
            wait_for(f"{name} is ready", lambda name=name: _is_ready(ports[name]), 300)
        yield ports
    finally:
        for process in reversed(processes):
            if process.is_running():
                process.stop()
        shutil.rmtree(find_redis() / inside.lstrip("/"), ignore_errors=True)


def _is_ready(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200


def embed(port: int, texts: list[str]) -> Matrix:
    asker = Asker(port, PASSWORD)
    found = [asker.ask("/embed", {"inputs": texts[at : at + BATCH]}) for at in range(0, len(texts), BATCH)]
    return np.array([vector for batch in found for vector in batch], dtype=np.float32)


def make_entry(collection: Collection, number: int, text: str) -> Entry:
    common = {"title": text[:60], "content": text, "client": "bench", "updated_at": "2026-01-01T00:00:00Z"}
    knowledge = {"document": str(number), "part": 0, "parts": 1, "digest": "0" * 64}
    interaction = {"agent_type": "remote", "reusability": 1, "complexity": 1, "novelty": 1, "value": 1}
    more = (
        knowledge
        if collection in KNOWLEDGE
        else interaction | {"is_high_value": True, "created_at": common["updated_at"]}
    )
    return ENTRIES[collection].model_validate(common | more)


class NoVotes:
    async def count(self, _: object) -> dict[str, Any]:
        return {}


class Known:
    """The vector that is there already."""

    def __init__(self, vector: list[float]) -> None:
        self.vector = vector

    async def embed_query(self, _: str) -> list[float]:
        return self.vector


class Recording:
    """Qdrant's client, that remembers what it was asked."""

    def __init__(self, client: Any) -> None:
        self._client, self.calls = client, list[Call]()

    async def query_points(self, *words: Any, **options: Any) -> Any:
        self.calls.append((words, options))
        return await self._client.query_points(*words, **options)


async def prepare(settings: Settings, embeddings: int, given: dict[str, list[str]]) -> list[list[Call]]:
    """Fill the collections, then note what a search of each question asks Qdrant."""
    client = open_qdrant(settings)
    store = Store(client, Breaker("qdrant"), 120)
    real, questions = given["real"], given["questions"]
    around, asked = embed(embeddings, real), embed(embeddings, questions)
    for seed, collection in enumerate(Collection):
        made = spread(around, POINTS, seed)
        points = [
            Point(
                id=make_id(collection, str(at)),
                entry=make_entry(collection, at, real[at % len(real)]),
                vector=vector.tolist(),
            )
            for at, vector in enumerate(made)
        ]
        for at in range(0, len(points), 500):
            await store.put(collection, points[at : at + 500])
    calls = []
    for question, vector in zip(questions, asked, strict=True):
        recording = Recording(client)
        searcher = Searcher(Known(vector.tolist()), Store(recording, Breaker("qdrant"), 120), NoVotes())
        await searcher.page(question, list(Collection), limit=10)
        calls.append(recording.calls)
    await client.close()
    return calls


def compare(settings: Settings, port: int, questions: list[str], calls: list[list[Call]]) -> dict[str, Any]:
    """Both sides in turns; the client has a loop of its own, kept from one question to the next."""
    loop = asyncio.new_event_loop()
    client = open_qdrant(settings)
    asker = Asker(port, READER)
    bodies = [json.dumps({"query": question, "limit": 10}).encode() for question in questions]

    def direct(at: int) -> float:
        async def ask() -> None:
            await asyncio.gather(*(client.query_points(*words, **options) for words, options in calls[at]))

        began = time.perf_counter()
        loop.run_until_complete(ask())
        return time.perf_counter() - began

    times = in_turns([direct, lambda at: asker.send("/search", bodies[at])[0]], len(questions), ROUNDS)
    loop.run_until_complete(client.close())
    loop.close()
    return {"qdrant-client": times[0], "hybrid-coordinator": times[1], "calls": len(calls[0])}


with tempfile.TemporaryDirectory(prefix="garrison-bench-") as temporary:
    given = json.load(sys.stdin)
    with stack(Path(temporary)) as ports:
        settings = Settings(
            qdrant_url=f"http://127.0.0.1:{ports['qdrant']}", secrets_dir=Path(temporary) / "secrets"
        )
        calls = asyncio.run(prepare(settings, ports["embeddings"], given))
        print(json.dumps(compare(settings, ports["hybrid"], given["questions"], calls)))  # noqa: T201 - the result
