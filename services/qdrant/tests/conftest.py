"""The Qdrant that the tests talk to: the lab's stand-in, or any other.

GARRISON_QDRANT_URL names another, a real server or the published port of a lab host, and the variables of KEY_FILES
the files with its keys.
"""

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models

sys.path.insert(0, str(Path(__file__).parent / "support"))

from qdrant_documents import DOCUMENTS
from qdrant_process import KEY, StandIn, Target, connect

SIZE = 4
KEY_FILES = {
    "key": "GARRISON_QDRANT_KEY_FILE",
    "next_key": "GARRISON_QDRANT_NEXT_KEY_FILE",
    "reading_key": "GARRISON_QDRANT_READING_KEY_FILE",
}


def _chosen() -> Target | None:
    url = os.environ.get("GARRISON_QDRANT_URL")
    if not url:
        return None
    keys = {}
    for key, variable in KEY_FILES.items():
        file = os.environ.get(variable)
        if not file:
            pytest.fail(f"GARRISON_QDRANT_URL is set: name the file with its {key} in {variable} too")
        keys[key] = Path(file).read_text().strip()
    return Target(url=url.rstrip("/"), **keys)


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Where the server is, and its key."""
    chosen = _chosen()
    if chosen:
        yield chosen
        return
    stand_in = StandIn(tmp_path_factory.mktemp("qdrant"), key=KEY)
    stand_in.start()
    yield stand_in.target
    stand_in.stop()


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    """A server of the test's own, which it may kill."""
    made = StandIn(tmp_path, key=KEY)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def client(target: Target) -> Iterator[QdrantClient]:
    made = connect(target)
    yield made
    made.close()


@pytest.fixture
def new_name(client: QdrantClient) -> Iterator[Callable[[], str]]:
    """Names of collections that are there for this test alone, and gone afterwards."""
    made: list[str] = []

    def name() -> str:
        made.append(f"garrison-test-{uuid.uuid4().hex[:12]}")
        return made[-1]

    yield name
    for each in made:
        client.delete_collection(each)


@pytest.fixture
def empty(client: QdrantClient, new_name: Callable[[], str]) -> str:
    """A collection without a point."""
    name = new_name()
    client.create_collection(
        name, vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE)
    )
    return name


@pytest.fixture
def filled(client: QdrantClient, empty: str) -> str:
    """A collection with the ten documents."""
    client.upsert(empty, points=[models.PointStruct(**each) for each in DOCUMENTS], wait=True)
    return empty
