"""The server itself: its key, its probes, what it says of itself, and what it does with nonsense."""

import asyncio
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import httpx
import pytest
from qdrant_client import AsyncQdrantClient, QdrantClient, models
from qdrant_client.common.version_check import is_compatible
from qdrant_client.http.exceptions import UnexpectedResponse
from qdrant_documents import DOCUMENTS
from qdrant_process import Target, connect

GUARDED = ("/collections", "/metrics", "/telemetry", "/aliases", "/collections/any")


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers", [{}, {"api-key": "wrong"}, {"authorization": "Bearer wrong"}, {"api-key": ""}]
)
def test_nothing_is_told_without_the_key(target: Target, path: str, headers: dict[str, str]) -> None:
    assert httpx.get(f"{target.url}{path}", headers=headers).status_code == 401


def test_nothing_is_changed_without_the_key(target: Target, client: QdrantClient) -> None:
    body = {"vectors": {"size": 4, "distance": "Cosine"}}
    assert httpx.put(f"{target.url}/collections/intruder", json=body).status_code == 401
    assert not client.collection_exists("intruder")


def test_a_client_with_the_wrong_key_is_told_so(target: Target) -> None:
    intruder = connect(Target(target.url, "wrong"))
    with pytest.raises(UnexpectedResponse) as raised:
        intruder.get_collections()
    assert raised.value.status_code == 401
    intruder.close()


def test_the_key_may_come_as_a_bearer_token(target: Target) -> None:
    headers = {"authorization": f"Bearer {target.key}"}
    assert httpx.get(f"{target.url}/collections", headers=headers).status_code == 200


def test_the_next_key_is_taken_beside_the_key(target: Target) -> None:
    """As Qdrant's alt_api_key: what a rotation without a gap needs."""
    assert httpx.get(f"{target.url}/collections", headers={"api-key": target.next_key}).status_code == 200


def test_with_the_key_to_read_metrics_are_told_and_nothing_is_changed(
    target: Target, client: QdrantClient
) -> None:
    """As Qdrant's read_only_api_key: what Prometheus has."""
    reader = {"authorization": f"Bearer {target.reading_key}"}
    assert httpx.get(f"{target.url}/metrics", headers=reader).status_code == 200
    body = {"vectors": {"size": 4, "distance": "Cosine"}}
    assert httpx.put(f"{target.url}/collections/intruder", json=body, headers=reader).status_code == 403
    assert not client.collection_exists("intruder")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_a_probe_needs_no_key(target: Target, path: str) -> None:
    assert httpx.get(f"{target.url}{path}").status_code == 200


def test_its_version_is_one_that_the_client_takes(client: QdrantClient) -> None:
    assert is_compatible(version("qdrant-client"), client.info().version)


def test_metrics_are_prometheus_text(target: Target, filled: str) -> None:
    answer = httpx.get(f"{target.url}/metrics", headers={"api-key": target.key})
    assert answer.status_code == 200
    assert "app_info{" in answer.text
    assert "\napp_status_recovery_mode 0" in answer.text
    assert "rest_responses_total{" in answer.text
    assert f'collection_points{{id="{filled}"' in answer.text


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b'{"vectors": 5}', b'{"points": {}}'])
def test_a_body_that_is_none_is_refused_in_qdrants_shape(target: Target, empty: str, body: bytes) -> None:
    answer = httpx.put(
        f"{target.url}/collections/{empty}/points",
        content=body,
        headers={"api-key": target.key, "content-type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert isinstance(answer.json()["status"]["error"], str)
    assert "Traceback" not in answer.text


def test_a_body_beyond_32_mib_is_refused(target: Target, empty: str) -> None:
    headers = {"api-key": target.key, "content-type": "application/json"}
    body = b'{"points": [' + b" " * (33 * 1024**2) + b"]}"
    answer = httpx.put(f"{target.url}/collections/{empty}/points", content=body, headers=headers, timeout=60)
    assert answer.status_code in (400, 413)


def test_an_unknown_path_is_a_404(target: Target) -> None:
    assert httpx.get(f"{target.url}/nothing", headers={"api-key": target.key}).status_code == 404


def test_the_async_client_does_the_same(target: Target, new_name: Callable[[], str]) -> None:
    name = new_name()

    async def work() -> list[int | str]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Api key is used with an insecure connection")
            client = AsyncQdrantClient(
                url=target.url, api_key=target.key, timeout=30, check_compatibility=False
            )
        vectors = models.VectorParams(size=4, distance=models.Distance.COSINE)
        await client.create_collection(name, vectors_config=vectors)
        points = [models.PointStruct(**each) for each in DOCUMENTS]
        await client.upsert(name, points=points, wait=True)
        await client.set_payload(name, payload={"seen": True}, points=[0], wait=True)
        await client.delete(name, points_selector=[1], wait=True)
        queries = (client.query_points(name, query=[1, 0, 0, 0], limit=2) for _ in range(20))
        answers = await asyncio.gather(*queries)
        assert (await client.count(name)).count == 9
        await client.close()
        first, *others = [[point.id for point in answer.points] for answer in answers]
        assert all(other == first for other in others)
        return first

    assert asyncio.run(work()) == [0, 2]


def test_writers_and_readers_side_by_side_lose_nothing(target: Target, empty: str) -> None:
    def write(worker: int) -> None:
        client = connect(target)
        for number in range(25):
            point = models.PointStruct(
                id=worker * 1000 + number, vector=[worker, number, 1, 0], payload={"w": worker}
            )
            client.upsert(empty, points=[point], wait=True)
            client.query_points(empty, query=[1, 0, 0, 0], limit=3)
        client.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(1, 9)))
    reader = connect(target)
    assert reader.count(empty).count == 8 * 25
    for worker in range(1, 9):
        mine = models.Filter(must=[models.FieldCondition(key="w", match=models.MatchValue(value=worker))])
        assert reader.count(empty, count_filter=mine).count == 25
    reader.close()
