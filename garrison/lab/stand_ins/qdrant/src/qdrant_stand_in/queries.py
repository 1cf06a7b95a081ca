"""Queries: nearest to a vector or to a point, fusion of prefetches, order by a field, a random sample."""

from collections.abc import Callable
from typing import Any, NamedTuple

import qdrant_edge as edge

from qdrant_stand_in.errors import FormatError, NotFoundError, NotServedError
from qdrant_stand_in.filters import parse_filter
from qdrant_stand_in.reading import (
    Body,
    PointId,
    mapping,
    number,
    one_or_many,
    optional_number,
    point_id,
    required,
    text,
    whole,
)
from qdrant_stand_in.vectors import parse_named

# The stubs of the engine leave these two without their arguments.
_FUSION: Any = edge.Fusion
_RRF_K = 2
_LIMIT = 10
# Finds the vector that a point has under a name.
VectorOf = Callable[[PointId, str], Any]


class _Scoring(NamedTuple):
    query: Any
    without: PointId | None = None


def parse_query(body: Body, vector_of: VectorOf) -> edge.QueryRequest:
    """The engine's request for the body of a query. Raises QdrantError."""
    _refuse(body, "lookup_from", "shard_key")
    scoring = _scoring(body.get("query"), body.get("using") or "", vector_of)
    return edge.QueryRequest(
        limit=_limit(body),
        offset=whole(body.get("offset") or 0, "offset", least=0),
        query=scoring.query,
        prefetches=_prefetches(body.get("prefetch"), vector_of),
        with_vector=parse_with(body.get("with_vector"), default=False),
        with_payload=parse_with(body.get("with_payload"), default=False),
        filter=_without(parse_filter(body.get("filter")), scoring.without),
        score_threshold=optional_number(body, "score_threshold"),
        params=_params(body.get("params")),
    )


def parse_with(value: object, *, default: bool) -> Any:
    """What of payload or vectors an answer holds: all, none, or the named ones. Raises FormatError."""
    if value is None:
        return default
    if isinstance(value, bool | list):
        return value
    body = mapping(value, "with_payload")
    for kind, make in (("include", edge.PayloadSelector.Include), ("exclude", edge.PayloadSelector.Exclude)):
        if kind in body:
            return make(body[kind])
    raise FormatError("with_payload is true, false, a list of keys, or include or exclude with one")


def parse_order(value: object) -> edge.OrderBy | None:
    """The order that ``order_by`` asks for. Raises FormatError."""
    if value is None:
        return None
    body = {"key": value} if isinstance(value, str) else mapping(value, "order_by")
    direction = {"asc": edge.Direction.Asc, "desc": edge.Direction.Desc}.get(body.get("direction") or "asc")
    if direction is None:
        raise FormatError("direction is asc or desc")
    return edge.OrderBy(text(required(body, "key"), "key"), direction, body.get("start_from"))


def _limit(body: Body) -> int:
    return _LIMIT if body.get("limit") is None else whole(body["limit"], "limit", least=1)


def _prefetches(value: object, vector_of: VectorOf) -> list[edge.Prefetch]:
    return [_prefetch(mapping(each, "prefetch"), vector_of) for each in one_or_many(value)]


def _prefetch(body: Body, vector_of: VectorOf) -> edge.Prefetch:
    _refuse(body, "lookup_from")
    scoring = _scoring(body.get("query"), body.get("using") or "", vector_of)
    return edge.Prefetch(
        limit=_limit(body),
        query=scoring.query,
        prefetches=_prefetches(body.get("prefetch"), vector_of),
        params=_params(body.get("params")),
        filter=_without(parse_filter(body.get("filter")), scoring.without),
        score_threshold=optional_number(body, "score_threshold"),
    )


def _scoring(value: object, using: str, vector_of: VectorOf) -> _Scoring:
    if value is None:
        return _Scoring(None)
    if isinstance(value, dict) and not set(value) & {"indices", "text", "image", "object"}:
        return _of_kind(value, using, vector_of)
    vector, without = _target(value, using, vector_of)
    return _Scoring(edge.Query.Nearest(vector, using), without)


def _of_kind(body: Body, using: str, vector_of: VectorOf) -> _Scoring:
    if "nearest" in body:
        vector, without = _target(body["nearest"], using, vector_of)
        return _Scoring(_nearest(vector, using, body.get("mmr")), without)
    if "fusion" in body:
        return _Scoring(_fusion(body["fusion"]))
    if "rrf" in body:
        said = mapping(body["rrf"], "rrf")
        return _Scoring(_FUSION.Rrf(k=said.get("k") or _RRF_K, weights=said.get("weights")))
    if "order_by" in body:
        return _Scoring(parse_order(body["order_by"]))
    if "sample" in body:
        return _Scoring(edge.Sample.Random)
    raise NotServedError(f"a query by {', '.join(sorted(body)) or 'nothing'}")


def _nearest(vector: Any, using: str, mmr: object) -> Any:
    if mmr is None:
        return edge.Query.Nearest(vector, using)
    said = mapping(mmr, "mmr")
    diversity = 0.5 if said.get("diversity") is None else number(said["diversity"], "diversity")
    candidates = whole(said.get("candidates_limit") or 100, "candidates_limit", least=1)
    return edge.Mmr(vector, 1 - diversity, candidates, using)


def _fusion(kind: object) -> Any:
    if kind not in ("rrf", "dbsf"):
        raise FormatError(f"unknown variant `{kind}`, expected rrf or dbsf")
    return _FUSION.Rrf(k=_RRF_K) if kind == "rrf" else _FUSION.Dbsf()


def _target(value: object, using: str, vector_of: VectorOf) -> tuple[Any, PointId | None]:
    """The vector to be near to; a point stands for its own vector and isn't in the answer."""
    if not isinstance(value, int | str):
        return parse_named(value), None
    point = point_id(value)
    vector = vector_of(point, using)
    if vector is None:
        raise NotFoundError(f"No point with id {value} found")
    return vector, point


def _without(found: edge.Filter | None, point: PointId | None) -> edge.Filter | None:
    if point is None:
        return found
    return edge.Filter(must=[found] if found else None, must_not=[edge.HasIdCondition({point})])


def _params(value: object) -> edge.SearchParams | None:
    if value is None:
        return None
    body = mapping(value, "params")
    return edge.SearchParams(
        hnsw_ef=body.get("hnsw_ef"),
        exact=bool(body.get("exact")),
        indexed_only=bool(body.get("indexed_only")),
    )


def _refuse(body: Body, *keys: str) -> None:
    for key in keys:
        if body.get(key) is not None:
            raise NotServedError(f"{key!r}")
