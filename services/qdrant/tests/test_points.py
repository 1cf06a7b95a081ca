"""Points: written, read, changed and deleted."""

import uuid
from typing import Any

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

RED = models.Filter(must=[models.FieldCondition(key="project", match=models.MatchValue(value="red"))])


def payload(client: QdrantClient, name: str, point: int | str) -> dict[str, Any] | None:
    (found,) = client.retrieve(name, [point])
    return found.payload


def test_what_was_written_is_read_back(client: QdrantClient, empty: str) -> None:
    said = {"text": "žluťoučký kůň 🐎", "list": [1, 2.5, None, True], "deep": {"a": {"b": []}}, "none": None}
    result = client.upsert(
        empty, points=[models.PointStruct(id=1, vector=[0, 0, 3, 4], payload=said)], wait=True
    )
    assert result.status == models.UpdateStatus.COMPLETED
    (found,) = client.retrieve(empty, [1], with_vectors=True)
    assert found.payload == said
    # Of cosine, a unit vector is kept.
    assert found.vector == pytest.approx([0, 0, 0.6, 0.8], abs=1e-6)


def test_a_point_may_be_named_by_a_uuid(client: QdrantClient, empty: str) -> None:
    identity = str(uuid.uuid4())
    client.upsert(empty, points=[models.PointStruct(id=identity, vector=[1, 0, 0, 0])], wait=True)
    assert [each.id for each in client.retrieve(empty, [identity])] == [identity]


def test_the_second_of_one_id_takes_the_place_of_the_first(client: QdrantClient, empty: str) -> None:
    for text in ("first", "second"):
        point = models.PointStruct(id=1, vector=[1, 0, 0, 0], payload={text: True})
        client.upsert(empty, points=[point], wait=True)
    assert client.count(empty).count == 1
    assert payload(client, empty, 1) == {"second": True}


def test_columns_write_what_rows_write(client: QdrantClient, empty: str) -> None:
    batch = models.Batch(ids=[1, 2], vectors=[[1, 0, 0, 0], [0, 1, 0, 0]], payloads=[{"n": 1}, {"n": 2}])
    client.upsert(empty, points=batch, wait=True)
    assert [each.payload for each in client.retrieve(empty, [1, 2])] == [{"n": 1}, {"n": 2}]


def test_a_reader_gets_what_it_asks_for(client: QdrantClient, filled: str) -> None:
    (bare,) = client.retrieve(filled, [1], with_payload=False)
    assert (bare.payload, bare.vector) == (None, None)
    (some,) = client.retrieve(filled, [1], with_payload=["rank", "author.name"])
    assert some.payload == {"rank": 1, "author": {"name": "author 1"}}
    (others,) = client.retrieve(
        filled, [1], with_payload=models.PayloadSelectorExclude(exclude=["text", "tags"])
    )
    assert others.payload
    assert set(others.payload) == {"project", "rank", "score", "added", "author"}


def test_ids_that_are_not_there_are_left_out(client: QdrantClient, filled: str) -> None:
    assert [each.id for each in client.retrieve(filled, [1, 404])] == [1]


def test_points_are_deleted_by_id_and_by_filter(client: QdrantClient, filled: str) -> None:
    client.delete(filled, points_selector=[0, 2, 404], wait=True)
    assert client.count(filled).count == 8
    client.delete(filled, points_selector=models.FilterSelector(filter=RED), wait=True)
    points, _ = client.scroll(filled, limit=10)
    assert [each.id for each in points] == [4, 6, 8]


def test_a_payload_is_merged_replaced_thinned_and_cleared(client: QdrantClient, filled: str) -> None:
    client.set_payload(filled, payload={"rank": 100, "new": 1}, points=[1], wait=True)
    said = payload(client, filled, 1)
    assert said
    assert (said["rank"], said["new"], said["project"]) == (100, 1, "red")
    client.delete_payload(filled, keys=["new", "text"], points=[1], wait=True)
    said = payload(client, filled, 1)
    assert said
    assert not {"new", "text"} & set(said)
    client.overwrite_payload(filled, payload={"only": True}, points=[1], wait=True)
    assert payload(client, filled, 1) == {"only": True}
    client.clear_payload(filled, points_selector=[1], wait=True)
    assert payload(client, filled, 1) == {}


def test_a_payload_is_set_on_all_that_a_filter_finds(client: QdrantClient, filled: str) -> None:
    client.set_payload(filled, payload={"seen": True}, points=RED, wait=True)
    seen = models.Filter(must=[models.FieldCondition(key="seen", match=models.MatchValue(value=True))])
    assert client.count(filled, count_filter=seen).count == 5


def test_a_payload_is_set_below_a_key(client: QdrantClient, filled: str) -> None:
    client.set_payload(filled, payload={"born": 1900}, key="author", points=[1], wait=True)
    said = payload(client, filled, 1)
    assert said
    assert said["author"] == {"name": "author 1", "born": 1900}


def test_vectors_are_replaced_without_touching_the_payload(client: QdrantClient, filled: str) -> None:
    client.update_vectors(filled, points=[models.PointVectors(id=1, vector=[0, 0, 0, 1])], wait=True)
    (found,) = client.retrieve(filled, [1], with_vectors=True)
    assert found.vector == pytest.approx([0, 0, 0, 1])
    assert found.payload
    assert found.payload["rank"] == 1


def test_several_changes_are_made_in_their_order(client: QdrantClient, filled: str) -> None:
    point = models.PointStruct(id=50, vector=[1, 1, 1, 1], payload={"n": 1})
    done = client.batch_update_points(
        filled,
        [
            models.UpsertOperation(upsert=models.PointsList(points=[point])),
            models.SetPayloadOperation(set_payload=models.SetPayload(payload={"m": 2}, points=[50])),
            models.DeleteOperation(delete=models.PointIdsList(points=[0])),
        ],
        wait=True,
    )
    assert [each.status for each in done] == [models.UpdateStatus.COMPLETED] * 3
    assert payload(client, filled, 50) == {"n": 1, "m": 2}
    assert client.count(filled).count == 10


def test_named_and_sparse_vectors_are_kept_apart(client: QdrantClient, empty: str) -> None:
    client.delete_collection(empty)
    client.create_collection(
        empty,
        vectors_config={"title": models.VectorParams(size=2, distance=models.Distance.DOT)},
        sparse_vectors_config={"words": models.SparseVectorParams()},
    )
    words = models.SparseVector(indices=[3, 7], values=[0.5, 1.5])
    point = models.PointStruct(id=1, vector={"title": [1, 2], "words": words})
    client.upsert(empty, points=[point], wait=True)
    (found,) = client.retrieve(empty, [1], with_vectors=True)
    assert found.vector == {"title": [1, 2], "words": words}


WRONG: dict[str, tuple[Any, Any, int]] = {
    "a vector that is too short": (1, [1.0, 2.0], 400),
    "an id that is neither number nor UUID": ("one", [1.0, 0.0, 0.0, 0.0], 400),
    "a negative id": (-1, [1.0, 0.0, 0.0, 0.0], 400),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_refused_and_nothing_is_written(
    client: QdrantClient, filled: str, case: str
) -> None:
    identity, vector, status = WRONG[case]
    with pytest.raises(UnexpectedResponse) as raised:
        client.upsert(filled, points=[models.PointStruct(id=identity, vector=vector)], wait=True)
    assert raised.value.status_code == status
    assert client.count(filled).count == 10


def test_points_of_no_collection_are_a_404(client: QdrantClient) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        client.upsert("garrison-test-none", points=[models.PointStruct(id=1, vector=[1.0])], wait=True)
    assert raised.value.status_code == 404


def test_a_payload_for_a_point_that_is_not_there_is_a_404(client: QdrantClient, filled: str) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        client.set_payload(filled, payload={"x": 1}, points=[404], wait=True)
    assert raised.value.status_code == 404


def test_an_import_in_batches_arrives_whole(client: QdrantClient, empty: str) -> None:
    points = [models.PointStruct(id=n, vector=[n, 1, 0, 0], payload={"n": n}) for n in range(1000)]
    client.upload_points(empty, points=points, batch_size=100, wait=True)
    assert client.count(empty).count == 1000
