"""Searches and pages: the nearest first, bounded, in order, and nothing twice."""

import numpy as np
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

AHEAD = [1.0, 0.0, 0.0, 0.0]


def ids(response: models.QueryResponse) -> list[int | str]:
    return [point.id for point in response.points]


def test_the_nearest_come_first_with_their_scores(client: QdrantClient, filled: str) -> None:
    points = client.query_points(filled, query=AHEAD, limit=3).points
    assert [point.id for point in points] == [0, 1, 2]
    assert points[0].score == pytest.approx(9 / np.sqrt(82), abs=1e-5)
    scores = [point.score for point in points]
    assert scores == sorted(scores, reverse=True)
    assert points[0].payload
    assert points[0].vector is None


def test_a_search_is_cut_off_below_a_score(client: QdrantClient, filled: str) -> None:
    response = client.query_points(filled, query=AHEAD, limit=10, score_threshold=0.9)
    assert ids(response) == [0, 1, 2]


def test_a_page_begins_where_the_last_ended(client: QdrantClient, filled: str) -> None:
    pages = [ids(client.query_points(filled, query=AHEAD, limit=4, offset=start)) for start in (0, 4, 8, 12)]
    assert pages == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]


def test_a_search_gives_the_vectors_and_keys_that_are_asked_for(client: QdrantClient, filled: str) -> None:
    (point,) = client.query_points(
        filled, query=AHEAD, limit=1, with_vectors=True, with_payload=["rank"]
    ).points
    assert point.payload == {"rank": 0}
    assert isinstance(point.vector, list)
    assert len(point.vector) == 4
    (bare,) = client.query_points(filled, query=AHEAD, limit=1, with_payload=False).points
    assert not bare.payload


def test_a_point_finds_those_near_it_and_not_itself(client: QdrantClient, filled: str) -> None:
    assert ids(client.query_points(filled, query=9, limit=2)) == [8, 7]


def test_a_point_that_is_not_there_is_a_404(client: QdrantClient, filled: str) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        client.query_points(filled, query=404)
    assert raised.value.status_code == 404


def test_several_searches_are_answered_in_their_order(client: QdrantClient, filled: str) -> None:
    requests = [
        models.QueryRequest(query=AHEAD, limit=1),
        models.QueryRequest(query=[-1.0, 0.0, 0.0, 0.0], limit=1),
    ]
    assert [ids(each) for each in client.query_batch_points(filled, requests=requests)] == [[0], [9]]


def test_two_searches_are_fused_by_rank(client: QdrantClient, filled: str) -> None:
    response = client.query_points(
        filled,
        prefetch=[
            models.Prefetch(query=AHEAD, limit=3),
            models.Prefetch(query=[0.0, 1.0, 0.0, 0.0], limit=9),
        ],
        query=models.FusionQuery(fusion=models.Fusion.RRF),
        limit=10,
    )
    found = ids(response)
    # The first search has 0, 1 and 2; the second has all but 0, which looks farthest away from it.
    assert sorted(found, key=str) == [*range(10)]
    assert set(found[:2]) == {0, 5}
    scores = [point.score for point in response.points]
    assert scores == sorted(scores, reverse=True)


def test_sparse_vectors_are_searched_by_name(client: QdrantClient, empty: str) -> None:
    client.delete_collection(empty)
    client.create_collection(
        empty, vectors_config={}, sparse_vectors_config={"words": models.SparseVectorParams()}
    )
    points = [
        models.PointStruct(id=n, vector={"words": models.SparseVector(indices=[n, 9], values=[1.0, n + 1.0])})
        for n in range(3)
    ]
    client.upsert(empty, points=points, wait=True)
    query = models.SparseVector(indices=[9], values=[1.0])
    assert ids(client.query_points(empty, query=query, using="words", limit=2)) == [2, 1]


def test_a_scroll_shows_every_point_once(client: QdrantClient, filled: str) -> None:
    seen: list[int | str] = []
    offset = None
    while True:
        points, offset = client.scroll(filled, limit=3, offset=offset)
        seen += [point.id for point in points]
        if offset is None:
            break
    assert seen == [*range(10)]


def test_a_scroll_goes_by_a_field_when_asked(client: QdrantClient, filled: str) -> None:
    client.create_payload_index(filled, "rank", models.PayloadSchemaType.INTEGER, wait=True)
    order = models.OrderBy(key="rank", direction=models.Direction.DESC, start_from=7)
    points, _ = client.scroll(filled, limit=3, order_by=order)
    assert [point.id for point in points] == [7, 6, 5]


def test_a_facet_counts_the_values_of_a_field(client: QdrantClient, filled: str) -> None:
    client.create_payload_index(filled, "tags", models.PayloadSchemaType.KEYWORD, wait=True)
    hits = client.facet(filled, key="tags", limit=2, exact=True).hits
    assert [(hit.value, hit.count) for hit in hits] == [("all", 10), ("tag-0", 4)]


def test_an_empty_collection_has_no_hits(client: QdrantClient, empty: str) -> None:
    assert client.query_points(empty, query=AHEAD).points == []
    assert client.scroll(empty) == ([], None)
    assert client.count(empty).count == 0


@pytest.mark.parametrize("wrong", [{"query": [1.0, 0.0]}, {"query": AHEAD, "limit": 0}])
def test_a_search_that_cannot_be_is_refused(
    client: QdrantClient, filled: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        client.query_points(filled, **wrong)  # type: ignore[arg-type]
    assert raised.value.status_code in (400, 422)


def test_a_thousand_vectors_are_ranked_as_by_hand(client: QdrantClient, empty: str) -> None:
    random = np.random.default_rng(7)
    vectors = random.normal(size=(1000, 4))
    points = [models.PointStruct(id=n, vector=[float(each) for each in row]) for n, row in enumerate(vectors)]
    client.upsert(empty, points=points, wait=True)
    query = random.normal(size=4)
    by_hand = np.argsort(-(vectors @ query) / np.linalg.norm(vectors, axis=1))[:20]
    response = client.query_points(
        empty, query=[float(each) for each in query], limit=20, search_params=models.SearchParams(exact=True)
    )
    assert ids(response) == by_hand.tolist()
