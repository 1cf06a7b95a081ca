"""What only the stand-in is asked: that it says what it is, refuses what it can't, and forgets nothing."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from qdrant_documents import DOCUMENTS
from qdrant_process import KEY, StandIn, connect

VECTORS = models.VectorParams(size=4, distance=models.Distance.COSINE)


@pytest.fixture
def own(stand_in: StandIn) -> Iterator[QdrantClient]:
    """A client of the test's own server."""
    made = connect(stand_in.target)
    yield made
    made.close()


def test_it_says_that_it_stands_in(stand_in: StandIn, own: QdrantClient) -> None:
    assert "stand-in" in own.info().title
    told = httpx.get(f"{stand_in.target.url}/telemetry", headers={"api-key": KEY}).json()
    assert told["result"]["app"]["stand_in"] is True


def test_what_it_does_not_serve_it_refuses_by_name(own: QdrantClient) -> None:
    own.create_collection("c", vectors_config=VECTORS)
    recommend = models.RecommendQuery(recommend=models.RecommendInput(positive=[[1.0, 0.0, 0.0, 0.0]]))
    for ask in (lambda: own.create_snapshot("c"), lambda: own.query_points("c", query=recommend)):
        with pytest.raises(UnexpectedResponse, match="the stand-in") as raised:
            ask()
        assert raised.value.status_code == 501


def test_everything_is_there_again_after_a_kill(stand_in: StandIn, own: QdrantClient) -> None:
    own.create_collection("kept", vectors_config=VECTORS, metadata={"model": "tiny-v1"})
    own.create_collection("gone", vectors_config=VECTORS)
    own.delete_collection("gone")
    own.upsert("kept", points=[models.PointStruct(**each) for each in DOCUMENTS], wait=True)
    own.create_payload_index("kept", "project", models.PayloadSchemaType.KEYWORD, wait=True)
    own.set_payload("kept", payload={"seen": True}, points=[1], wait=True)
    own.delete("kept", points_selector=[0], wait=True)
    create = models.CreateAlias(collection_name="kept", alias_name="also")
    own.update_collection_aliases([models.CreateAliasOperation(create_alias=create)])
    before = own.get_collection("kept")
    stand_in.kill()
    stand_in.start()
    assert [each.name for each in own.get_collections().collections] == ["kept"]
    after = own.get_collection("kept")
    assert after.config == before.config
    assert after.payload_schema == before.payload_schema
    assert own.count("also").count == 9
    (point,) = own.retrieve("kept", [1])
    assert point.payload == {**DOCUMENTS[1]["payload"], "seen": True}


@pytest.mark.parametrize("round_", range(3))
def test_no_write_that_was_answered_is_lost_by_a_kill(
    stand_in: StandIn, own: QdrantClient, round_: int
) -> None:
    own.create_collection("c", vectors_config=VECTORS)
    answered: list[int] = []

    def write() -> None:
        client = connect(stand_in.target)
        for number in range(100_000):
            try:
                point = models.PointStruct(id=number, vector=[1, number, 0, 0], payload={"n": number})
                client.upsert("c", points=[point], wait=True)
            except (ResponseHandlingException, httpx.HTTPError):
                break
            answered.append(number)
        client.close()

    writer = threading.Thread(target=write)
    writer.start()
    deadline = time.monotonic() + 30
    while len(answered) < 20 * (1 + round_) and time.monotonic() < deadline:
        time.sleep(0.01)
    stand_in.kill()
    writer.join(30)
    stand_in.start()
    assert len(answered) >= 20
    found = own.retrieve("c", answered, with_payload=True)
    assert [point.payload for point in found] == [{"n": number} for number in answered]


def test_a_stop_is_orderly_and_forgets_nothing(stand_in: StandIn, own: QdrantClient) -> None:
    own.create_collection("c", vectors_config=VECTORS)
    own.upsert("c", points=[models.PointStruct(id=1, vector=[1, 0, 0, 0])], wait=False)
    stand_in.stop()
    stand_in.start()
    assert own.count("c").count == 1


def test_a_refused_write_keeps_nobody_from_starting_again(stand_in: StandIn, own: QdrantClient) -> None:
    own.create_collection("c", vectors_config=VECTORS)
    with pytest.raises(UnexpectedResponse):
        own.upsert("c", points=[models.PointStruct(id=1, vector=[1, 0])], wait=True)
    own.upsert("c", points=[models.PointStruct(id=2, vector=[1, 0, 0, 0])], wait=True)
    stand_in.kill()
    stand_in.start()
    assert own.count("c").count == 1


def test_a_collection_whose_making_was_cut_short_is_not_there(stand_in: StandIn, own: QdrantClient) -> None:
    stand_in.stop()
    half = stand_in.folder / "storage" / "stand-in" / "collections" / "half" / "shard"
    half.mkdir(parents=True)
    stand_in.start()
    assert own.get_collections().collections == []
    assert own.create_collection("half", vectors_config=VECTORS)


def test_a_configuration_that_is_none_ends_it_with_a_sentence(tmp_path: Path) -> None:
    broken = StandIn(tmp_path, key=KEY)
    (tmp_path / "config.yaml").write_text("service")
    with pytest.raises(pytest.fail.Exception, match="is not a mapping"):
        broken.start()


def test_the_key_is_in_no_log(stand_in: StandIn, own: QdrantClient) -> None:
    own.get_collections()
    stand_in.stop()
    assert KEY not in stand_in.log()
