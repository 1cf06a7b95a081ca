"""What each route does: it reads the call and asks the store."""

from collections.abc import Callable, Sequence
from typing import Any

from qdrant_stand_in import indexes, updates
from qdrant_stand_in.calls import Call, Handler
from qdrant_stand_in.errors import NotFoundError, NotServedError
from qdrant_stand_in.info import describe
from qdrant_stand_in.reading import Body, items, mapping, point_id, required
from qdrant_stand_in.updates import Operation


def list_collections(call: Call) -> Any:
    """Every collection's name."""
    return {"collections": [{"name": name} for name in call.store.names()]}


def get_collection(call: Call) -> Any:
    """A collection's description."""
    name = call.path["name"]
    return describe(call.store.said(name), call.store.get(name).figures())


def create_collection(call: Call) -> Any:
    """A new collection."""
    call.store.create(call.path["name"], call.body)
    return True


def change_collection(call: Call) -> Any:
    """Other parameters or metadata for a collection."""
    call.store.change(call.path["name"], call.body)
    return True


def delete_collection(call: Call) -> Any:
    """A collection less; false if there was none."""
    return call.store.delete(call.path["name"])


def exists(call: Call) -> Any:
    """Whether there is such a collection."""
    return {"exists": call.store.exists(call.path["name"])}


def list_aliases(call: Call) -> Any:
    """Every alias, or those of one collection."""
    wanted = call.path.get("name")
    found = call.store.aliases().items()
    return {
        "aliases": [
            {"alias_name": alias, "collection_name": collection}
            for alias, collection in sorted(found)
            if wanted in (None, collection)
        ]
    }


def change_aliases(call: Call) -> Any:
    """Aliases made, renamed and deleted, all at once."""
    call.store.change_aliases(items(required(call.body, "actions"), "actions"))
    return True


def query(call: Call) -> Any:
    """The points nearest to something."""
    return {"points": call.store.get(call.path["name"]).query(call.body)}


def query_batch(call: Call) -> Any:
    """Several queries at once."""
    collection = call.store.get(call.path["name"])
    searches = [mapping(each, "search") for each in items(required(call.body, "searches"), "searches")]
    return [{"points": collection.query(each)} for each in searches]


def scroll(call: Call) -> Any:
    """A page of points."""
    return call.store.get(call.path["name"]).scroll(call.body)


def retrieve(call: Call) -> Any:
    """Points by their ids."""
    return call.store.get(call.path["name"]).retrieve(call.body)


def get_point(call: Call) -> Any:
    """One point, with everything."""
    said = call.path["id"]
    wanted: int | str = int(said) if said.isdecimal() else said
    point_id(wanted)
    found = call.store.get(call.path["name"]).retrieve({"ids": [wanted], "with_vector": True})
    if not found:
        raise NotFoundError(f"Point with id {said} does not exists!")
    return found[0]


def count(call: Call) -> Any:
    """How many points there are."""
    return {"count": call.store.get(call.path["name"]).count(call.body)}


def facet(call: Call) -> Any:
    """The commonest values of a field."""
    return {"hits": call.store.get(call.path["name"]).facet(call.body)}


def update(read: Callable[[Body], Operation]) -> Handler:
    """A handler that makes the change which ``read`` finds in the body."""

    def handler(call: Call) -> Any:
        return _updated(call, [read(call.body)])[0]

    return handler


def update_batch(call: Call) -> Any:
    """Several changes, in their order."""
    return _updated(call, updates.batch(call.body))


def delete_index(call: Call) -> Any:
    """The index of a field dropped."""
    return _updated(call, [indexes.delete(call.path["field"])])[0]


def not_served(call: Call) -> Any:
    """What Qdrant has below a collection and the stand-in has not. Raises NotServedError."""
    raise NotServedError(f"/{call.path['rest']} of a collection")


def _updated(call: Call, operations: Sequence[Operation]) -> list[Any]:
    numbers = call.store.get(call.path["name"]).update(operations)
    # The change is made either way; who doesn't wait is told what Qdrant tells.
    status = "completed" if call.waits else "acknowledged"
    return [{"operation_id": number, "status": status} for number in numbers]
