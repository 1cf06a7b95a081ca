"""Requests that change points, as operations of the engine."""

from collections.abc import Callable
from typing import Any

import qdrant_edge as edge

from qdrant_stand_in.errors import FormatError, InputError
from qdrant_stand_in.filters import parse_filter
from qdrant_stand_in.reading import Body, PointId, items, mapping, point_id, point_ids, required, text
from qdrant_stand_in.vectors import parse_vector

Operation = edge.UpdateOperation
_MODES = {
    "upsert": edge.UpdateMode.Upsert,
    "insert_only": edge.UpdateMode.InsertOnly,
    "update_only": edge.UpdateMode.UpdateOnly,
}


def upsert(body: Body) -> Operation:
    """Points with vectors and payloads, as a list or column by column. Raises QdrantError."""
    points = _batch(mapping(body["batch"], "batch")) if "batch" in body else _points(required(body, "points"))
    if not points:
        raise InputError("Empty update request")
    mode = body.get("update_mode") or "upsert"
    if mode not in _MODES:
        raise FormatError(f"unknown variant `{mode}`, expected one of {', '.join(_MODES)}")
    return Operation.upsert_points(points, parse_filter(body.get("update_filter")), _MODES[mode])


def _points(value: object) -> list[edge.Point]:
    return [_point(mapping(each, "point")) for each in items(value, "points")]


def _point(body: Body) -> edge.Point:
    vector = parse_vector(required(body, "vector"))
    return edge.Point(point_id(required(body, "id")), vector, _payload(body.get("payload")))


def _batch(body: Body) -> list[edge.Point]:
    ids = point_ids(required(body, "ids"), "ids")
    vectors = _columns(required(body, "vectors"), len(ids))
    payloads = items(body.get("payloads") or [None] * len(ids), "payloads")
    if len(vectors) != len(ids) or len(payloads) != len(ids):
        raise InputError("number of ids, vectors and payloads must be equal")
    return [
        edge.Point(one, parse_vector(vector), _payload(payload))
        for one, vector, payload in zip(ids, vectors, payloads, strict=True)
    ]


def _columns(value: object, count: int) -> list[Any]:
    if not isinstance(value, dict):
        return items(value, "vectors")
    columns = {name: items(column, "vectors") for name, column in value.items()}
    if any(len(column) != count for column in columns.values()):
        raise InputError("number of ids and vectors must be equal")
    return [{name: column[row] for name, column in columns.items()} for row in range(count)]


def _payload(value: object) -> dict[str, Any]:
    return {} if value is None else dict(mapping(value, "payload"))


def delete(body: Body) -> Operation:
    """The points that are named, or that a filter finds. Raises QdrantError."""
    return _where(body, Operation.delete_points, Operation.delete_points_by_filter)


def clear_payload(body: Body) -> Operation:
    """Everything in the payload of those points. Raises QdrantError."""
    return _where(body, Operation.clear_payload, Operation.clear_payload_by_filter)


def set_payload(body: Body) -> Operation:
    """Merges into the payload of those points. Raises QdrantError."""
    payload, key = _payload(required(body, "payload")), body.get("key")
    return _where(
        body,
        lambda ids: Operation.set_payload(ids, payload, key),
        lambda found: Operation.set_payload_by_filter(found, payload, key),
    )


def overwrite_payload(body: Body) -> Operation:
    """Puts another payload in the place of theirs. Raises QdrantError."""
    payload, key = _payload(required(body, "payload")), body.get("key")
    return _where(
        body,
        lambda ids: Operation.overwrite_payload(ids, payload, key),
        lambda found: Operation.overwrite_payload_by_filter(found, payload, key),
    )


def delete_payload(body: Body) -> Operation:
    """Some keys of their payload. Raises QdrantError."""
    keys = [text(each, "keys") for each in items(required(body, "keys"), "keys")]
    return _where(
        body,
        lambda ids: Operation.delete_payload(ids, keys),
        lambda found: Operation.delete_payload_by_filter(found, keys),
    )


def update_vectors(body: Body) -> Operation:
    """Other vectors for points that are there. Raises QdrantError."""
    points = []
    for each in items(required(body, "points"), "points"):
        one = mapping(each, "point")
        vector = parse_vector(required(one, "vector"))
        points.append(edge.PointVectors(point_id(required(one, "id")), vector))
    return Operation.update_vectors(points, parse_filter(body.get("update_filter")))


def delete_vectors(body: Body) -> Operation:
    """Some named vectors of those points. Raises QdrantError."""
    names = [text(each, "vector") for each in items(required(body, "vector"), "vector")]
    return _where(
        body,
        lambda ids: Operation.delete_vectors(ids, names),
        lambda found: Operation.delete_vectors_by_filter(found, names),
    )


def _where(
    body: Body, by_ids: Callable[[list[PointId]], Operation], by_filter: Callable[[edge.Filter], Operation]
) -> Operation:
    found = parse_filter(body.get("filter"))
    if body.get("points") is not None:
        return by_ids(point_ids(body["points"], "points"))
    if found is None:
        raise FormatError("either `points` or `filter` is needed")
    return by_filter(found)


_BATCHED: dict[str, Callable[[Body], Operation]] = {
    "upsert": upsert,
    "delete": delete,
    "set_payload": set_payload,
    "overwrite_payload": overwrite_payload,
    "delete_payload": delete_payload,
    "clear_payload": clear_payload,
    "update_vectors": update_vectors,
    "delete_vectors": delete_vectors,
}


def batch(body: Body) -> list[Operation]:
    """Several changes, in their order. All are read before the first is made. Raises QdrantError."""
    operations = []
    for each in items(required(body, "operations"), "operations"):
        one = mapping(each, "operation")
        kind = next(iter(one), "")
        if kind not in _BATCHED or len(one) != 1:
            raise FormatError(f"unknown operation {kind!r}, expected one of {', '.join(_BATCHED)}")
        operations.append(_BATCHED[kind](mapping(one[kind], kind)))
    return operations
