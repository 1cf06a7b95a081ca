"""Filters: each finds exactly the documents that it describes, in a count, a scroll and a search."""

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

EVEN, ODD = [0, 2, 4, 6, 8], [1, 3, 5, 7, 9]


def field(key: str, **said: object) -> models.FieldCondition:
    return models.FieldCondition(key=key, **said)


def match(key: str, value: str | int | bool) -> models.FieldCondition:
    return field(key, match=models.MatchValue(value=value))


def between(key: str, **bounds: float) -> models.FieldCondition:
    return field(key, range=models.Range(**bounds))


FOUND: dict[str, tuple[models.Filter, list[int]]] = {
    "nothing asked": (models.Filter(), [*range(10)]),
    "a word": (models.Filter(must=[match("project", "red")]), ODD),
    "a number": (models.Filter(must=[match("rank", 3)]), [3]),
    "a key inside another": (models.Filter(must=[match("author.name", "author 0")]), EVEN),
    "a value in a list": (models.Filter(must=[match("tags", "tag-0")]), [0, 3, 6, 9]),
    "one of several words": (
        models.Filter(must=[field("project", match=models.MatchAny(any=["red", "green"]))]), ODD),
    "one of several numbers": (models.Filter(must=[field("rank", match=models.MatchAny(any=[1, 8, 99]))]), [1, 8]),
    "none of several": (
        models.Filter(must=[field("project", match=models.MatchExcept(**{"except": ["red"]}))]), EVEN),
    "a part of a text": (models.Filter(must=[field("text", match=models.MatchText(text="pears"))]), [5, 6, 7, 8, 9]),
    "from and to": (models.Filter(must=[between("rank", gte=3, lt=6)]), [3, 4, 5]),
    "a fraction": (models.Filter(must=[between("score", gt=0.75)]), [8, 9]),
    "a time": (
        models.Filter(must=[field("added", range=models.DatetimeRange(gte="2026-01-09T00:00:00Z"))]), [8, 9]),
    "all of two": (models.Filter(must=[match("project", "red"), between("rank", lte=3)]), [1, 3]),
    "any of two": (models.Filter(should=[match("rank", 1), match("rank", 2)]), [1, 2]),
    "not one": (models.Filter(must_not=[match("project", "red")]), EVEN),
    "all of one, any of two, not a third": (
        models.Filter(must=[match("project", "red")], should=[between("rank", lt=4), between("rank", gt=8)],
                      must_not=[match("rank", 3)]), [1, 9]),
    "at least two of three": (
        models.Filter(min_should=models.MinShould(min_count=2, conditions=[
            match("project", "red"), between("rank", lt=3), match("tags", "tag-1")])), [1, 7]),
    "a filter in a filter": (
        models.Filter(must=[models.Filter(should=[match("rank", 1), match("rank", 2)])], must_not=[match("rank", 2)]),
        [1]),
    "ids": (models.Filter(must=[models.HasIdCondition(has_id=[1, 2, 404])]), [1, 2]),
    "an empty field": (
        models.Filter(must_not=[models.IsEmptyCondition(is_empty=models.PayloadField(key="note"))]), [4]),
    "a field that is null": (
        models.Filter(must=[models.IsNullCondition(is_null=models.PayloadField(key="note"))]), [3]),
    "how many values": (
        models.Filter(must=[field("tags", values_count=models.ValuesCount(gt=2))]), []),
    "a field that nobody has": (models.Filter(must=[match("colour", "red")]), []),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_a_filter_finds_what_it_describes(client: QdrantClient, filled: str, case: str) -> None:
    described, expected = FOUND[case]
    assert client.count(filled, count_filter=described).count == len(expected)
    points, _ = client.scroll(filled, scroll_filter=described, limit=20)
    assert [point.id for point in points] == expected
    hits = client.query_points(filled, query=[1, 0, 0, 0], query_filter=described, limit=20).points
    assert sorted(hit.id for hit in hits if isinstance(hit.id, int)) == expected


def test_true_is_not_one(client: QdrantClient, empty: str) -> None:
    points = [
        models.PointStruct(id=n, vector=[1, 0, 0, 0], payload={"flag": flag})
        for n, flag in enumerate((True, False, 1, 0))
    ]
    client.upsert(empty, points=points, wait=True)
    for value, expected in ((True, [0]), (False, [1]), (1, [2]), (0, [3])):
        found, _ = client.scroll(empty, scroll_filter=models.Filter(must=[match("flag", value)]))
        assert [point.id for point in found] == expected


def test_an_object_of_a_list_is_matched_as_one(client: QdrantClient, empty: str) -> None:
    """``nested`` wants both in the same object; without it each may be in another."""
    diets = [
        [{"food": "leaves", "likes": False}, {"food": "meat", "likes": True}],
        [{"food": "leaves", "likes": True}],
    ]
    points = [
        models.PointStruct(id=n, vector=[1, 0, 0, 0], payload={"diet": diet}) for n, diet in enumerate(diets)
    ]
    client.upsert(empty, points=points, wait=True)
    inner = models.Filter(must=[match("food", "leaves"), match("likes", True)])
    nested = models.Filter(must=[models.NestedCondition(nested=models.Nested(key="diet", filter=inner))])
    found, _ = client.scroll(empty, scroll_filter=nested)
    assert [point.id for point in found] == [1]


def test_a_condition_without_a_test_is_refused(client: QdrantClient, filled: str) -> None:
    with pytest.raises(UnexpectedResponse) as raised:
        client.count(filled, count_filter=models.Filter(must=[models.FieldCondition(key="rank")]))
    assert raised.value.status_code in (400, 422)
