"""Collections: made, described, listed, changed, deleted, and called by an alias."""

from collections.abc import Callable

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

COSINE = models.VectorParams(size=4, distance=models.Distance.COSINE)
NewName = Callable[[], str]


def test_a_collection_that_was_made_exists_and_is_listed(client: QdrantClient, new_name: NewName) -> None:
    name = new_name()
    assert not client.collection_exists(name)
    assert client.create_collection(name, vectors_config=COSINE)
    assert client.collection_exists(name)
    assert name in {each.name for each in client.get_collections().collections}


@pytest.mark.parametrize("distance", list(models.Distance))
def test_its_description_tells_size_and_distance(
    client: QdrantClient, new_name: NewName, distance: models.Distance
) -> None:
    name = new_name()
    client.create_collection(name, vectors_config=models.VectorParams(size=384, distance=distance))
    said = client.get_collection(name)
    assert isinstance(said.config.params.vectors, models.VectorParams)
    assert (said.config.params.vectors.size, said.config.params.vectors.distance) == (384, distance)
    assert (said.status, said.points_count) == (models.CollectionStatus.GREEN, 0)


def test_its_metadata_is_kept_and_merged(client: QdrantClient, new_name: NewName) -> None:
    name = new_name()
    client.create_collection(name, vectors_config=COSINE, metadata={"model": "tiny-v1", "made_by": "a test"})
    client.update_collection(name, metadata={"model": "tiny-v2"})
    assert client.get_collection(name).config.metadata == {"model": "tiny-v2", "made_by": "a test"}


def test_named_and_sparse_vectors_are_declared_beside_each_other(
    client: QdrantClient, new_name: NewName
) -> None:
    name = new_name()
    client.create_collection(
        name,
        vectors_config={"title": COSINE, "body": models.VectorParams(size=2, distance=models.Distance.DOT)},
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    said = client.get_collection(name).config.params
    assert isinstance(said.vectors, dict)
    assert {key: params.size for key, params in said.vectors.items()} == {"title": 4, "body": 2}
    assert set(said.sparse_vectors or {}) == {"words"}


def test_the_second_of_one_name_is_refused(client: QdrantClient, empty: str) -> None:
    with pytest.raises(UnexpectedResponse, match="already exists!") as raised:
        client.create_collection(empty, vectors_config=COSINE)
    assert raised.value.status_code == 409


def test_a_deleted_collection_is_gone_with_its_points(client: QdrantClient, filled: str) -> None:
    assert client.delete_collection(filled)
    assert not client.collection_exists(filled)
    client.create_collection(filled, vectors_config=COSINE)
    assert client.count(filled).count == 0


def test_deleting_what_is_not_there_says_so(client: QdrantClient, new_name: NewName) -> None:
    assert not client.delete_collection(new_name())


def test_a_collection_that_is_not_there_is_a_404(client: QdrantClient, new_name: NewName) -> None:
    with pytest.raises(UnexpectedResponse, match="Not found: Collection") as raised:
        client.get_collection(new_name())
    assert raised.value.status_code == 404


@pytest.mark.parametrize("name", ["with/slash", "with\\backslash", "with:colon", "x" * 256])
def test_a_name_that_could_be_a_path_is_refused(client: QdrantClient, name: str) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        client.create_collection(name, vectors_config=COSINE)
    assert raised.value.status_code in (400, 422)


def test_an_alias_stands_for_its_collection_and_moves_at_once(
    client: QdrantClient, filled: str, new_name: NewName
) -> None:
    other, alias = new_name(), f"{filled}-alias"
    client.create_collection(other, vectors_config=COSINE)
    create = models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=filled, alias_name=alias)
    )
    client.update_collection_aliases([create])
    assert client.count(alias).count == 10
    move = models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=other, alias_name=alias)
    )
    delete = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))
    client.update_collection_aliases([delete, move])
    assert client.count(alias).count == 0
    assert [each.alias_name for each in client.get_collection_aliases(other).aliases] == [alias]
    assert client.get_collection_aliases(filled).aliases == []
    client.update_collection_aliases([delete])
    assert alias not in {each.alias_name for each in client.get_aliases().aliases}


@pytest.mark.parametrize("schema", ["keyword", "integer", "float", "bool", "datetime", "text", "uuid"])
def test_a_payload_index_is_made_told_and_dropped(client: QdrantClient, filled: str, schema: str) -> None:
    client.create_payload_index(filled, "field", models.PayloadSchemaType(schema), wait=True)
    said = client.get_collection(filled).payload_schema
    assert said["field"].data_type == models.PayloadSchemaType(schema)
    client.delete_payload_index(filled, "field", wait=True)
    assert client.get_collection(filled).payload_schema == {}


def test_an_index_changes_nothing_of_what_a_filter_finds(client: QdrantClient, filled: str) -> None:
    red = models.Filter(must=[models.FieldCondition(key="project", match=models.MatchValue(value="red"))])
    before = client.count(filled, count_filter=red).count
    client.create_payload_index(filled, "project", models.PayloadSchemaType.KEYWORD, wait=True)
    assert client.count(filled, count_filter=red).count == before == 5
