"""One collection: a shard of the engine, what was said when it was made, and who uses it now."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import qdrant_edge as edge

from qdrant_stand_in import indexes
from qdrant_stand_in.errors import NotFoundError, QdrantError, of_engine
from qdrant_stand_in.filters import parse_filter
from qdrant_stand_in.queries import parse_order, parse_query, parse_with
from qdrant_stand_in.reading import Body, PointId, point_id, point_ids, required, shown_id, text, whole
from qdrant_stand_in.vectors import show_vector

Answer = TypeVar("Answer")
_PAGE = 10


def _ask(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except QdrantError:
        raise
    except Exception as error:
        raise of_engine(error) from error


class Collection:
    """Safe to use from many threads; a change is in the engine's log when the call returns."""

    def __init__(self, name: str, shard: edge.EdgeShard) -> None:
        self.name = name
        self._shard = shard
        self._users = 0
        self._open = True
        self._changed = False
        self._operations = 0
        self._state = threading.Condition()
        self._writing = threading.Lock()

    @contextmanager
    def _used(self) -> Iterator[edge.EdgeShard]:
        with self._state:
            if not self._open:
                raise NotFoundError(f"Collection `{self.name}` doesn't exist!")
            self._users += 1
        try:
            yield self._shard
        finally:
            with self._state:
                self._users -= 1
                self._state.notify_all()

    def update(self, operations: Sequence[edge.UpdateOperation]) -> list[int]:
        """Makes the changes in their order and returns their numbers. Raises QdrantError."""
        numbers = []
        with self._used() as shard, self._writing:
            for operation in operations:
                self._changed = True
                _ask(partial(shard.update, operation))
                self._operations += 1
                numbers.append(self._operations)
        return numbers

    def query(self, body: Body) -> list[dict[str, Any]]:
        """The points that the body of a query asks for, with scores. Raises QdrantError."""
        with self._used() as shard:
            found = _ask(lambda: shard.query(parse_query(body, self._vector_of)))
        return [{**_shown(each), "version": each.version, "score": each.score} for each in found]

    def scroll(self, body: Body) -> dict[str, Any]:
        """One page of points and where the next begins. Raises QdrantError."""
        offset = body.get("offset")
        request = edge.ScrollRequest(
            offset=None if offset is None else point_id(offset),
            limit=_PAGE if body.get("limit") is None else whole(body["limit"], "limit", least=1),
            filter=parse_filter(body.get("filter")),
            with_payload=parse_with(body.get("with_payload"), default=True),
            with_vector=parse_with(body.get("with_vector"), default=False),
            order_by=parse_order(body.get("order_by")),
        )
        with self._used() as shard:
            points, following = _ask(lambda: shard.scroll(request))
        return {
            "points": [_shown(each) for each in points],
            "next_page_offset": None if following is None else shown_id(following),
        }

    def retrieve(self, body: Body) -> list[dict[str, Any]]:
        """The points of the ids that are there. Raises QdrantError."""
        ids = point_ids(required(body, "ids"), "ids")
        payload = parse_with(body.get("with_payload"), default=True)
        vector = parse_with(body.get("with_vector"), default=False)
        with self._used() as shard:
            return [_shown(each) for each in _ask(lambda: shard.retrieve(ids, payload, vector))]

    def count(self, body: Body) -> int:
        """How many points there are, or how many a filter finds. Raises QdrantError."""
        request = edge.CountRequest(exact=True, filter=parse_filter(body.get("filter")))
        with self._used() as shard:
            return _ask(lambda: shard.count(request))

    def facet(self, body: Body) -> list[dict[str, Any]]:
        """The commonest values of an indexed field. Raises QdrantError."""
        request = edge.FacetRequest(
            text(required(body, "key"), "key"),
            _PAGE if body.get("limit") is None else whole(body["limit"], "limit", least=1),
            exact=bool(body.get("exact")),
            filter=parse_filter(body.get("filter")),
        )
        with self._used() as shard:
            found = _ask(lambda: shard.facet(request))
        return [{"value": hit.value, "count": hit.count} for hit in found.hits]

    def figures(self) -> dict[str, Any]:
        """What the engine counts, in the fields of a collection's description."""
        with self._used() as shard:
            info = _ask(shard.info)
        return {
            "points_count": info.points_count,
            "indexed_vectors_count": info.indexed_vectors_count,
            "segments_count": info.segments_count,
            "payload_schema": indexes.show(info.payload_schema),
        }

    def flush(self) -> None:
        """Puts what has changed on the disk itself: the log alone outlives the process, not a power cut."""
        with self._used() as shard, self._writing:
            if self._changed:
                shard.flush()
                self._changed = False

    def close(self) -> None:
        """Waits for whoever uses it, then closes the shard; later users are told that it's gone."""
        with self._state:
            if not self._open:
                return
            self._open = False
            self._state.wait_for(lambda: self._users == 0)
        self._shard.flush()
        self._shard.close()

    def _vector_of(self, point: PointId, using: str) -> Any:
        found = self._shard.retrieve([point], False, [using] if using else True)
        vector = found[0].vector if found else None
        return vector.get(using) if isinstance(vector, dict) else vector


def _shown(point: edge.Record | edge.ScoredPoint) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": shown_id(point.id)}
    if point.payload is not None:
        shown["payload"] = point.payload
    if point.vector is not None:
        shown["vector"] = show_vector(point.vector)
    if point.order_value is not None:
        shown["order_value"] = point.order_value
    return shown
