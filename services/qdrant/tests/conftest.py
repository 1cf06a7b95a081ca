"""The Qdrant that the tests talk to: the lab's stand-in, or any other.

GARRISON_QDRANT_URL and GARRISON_QDRANT_KEY_FILE name another: a real server, or the published port of a lab host.
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


def _chosen() -> Target | None:
    url = os.environ.get("GARRISON_QDRANT_URL")
    if not url:
        return None
    file = os.environ.get("GARRISON_QDRANT_KEY_FILE")
    if not file:
        pytest.fail("GARRISON_QDRANT_URL is set: name the file with its key in GARRISON_QDRANT_KEY_FILE too")
    return Target(url=url.rstrip("/"), key=Path(file).read_text().strip())


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
