"""Knowledge: give it, search it, have a query augmented with it, once or in a session."""

from typing import cast

from aiohttp import web
from garrison_kit import aiohttp as kit
from garrison_kit.gate import requires
from garrison_kit.openapi import describe

from hybrid_coordinator import operations
from hybrid_coordinator.answers import (
    Augmented,
    CollectionList,
    Contributed,
    SearchPage,
    SessionCleared,
    SessionInfo,
    Turned,
)
from hybrid_coordinator.feedback import describe_session
from hybrid_coordinator.fields import PointId, SessionId
from hybrid_coordinator.knowledge import Collection, Given
from hybrid_coordinator.requests import Augment, Contribute, MultiTurn, Search
from hybrid_coordinator.routes.replies import read_id, reply
from hybrid_coordinator.service import get_service
from hybrid_coordinator.sessions import no_session

routes = web.RouteTableDef()


@routes.post("/context")
@describe(summary="Store knowledge in a collection", body=Contribute, answer=Contributed)
async def contribute(request: web.Request) -> web.Response:
    """200 whether it is new or not: ``status`` says which."""
    given = cast(Contribute, await kit.body(request))
    return reply(await operations.contribute(get_service(request), request["client"], given))


@routes.delete("/context/{collection}/{document}")
@describe(summary="Delete a document from a collection", status=204)
async def remove(request: web.Request) -> web.Response:
    """With all its parts; ``document`` is the id that storing it gave."""
    collection = Collection(read_id(request, "collection", Given, "collection"))
    document = read_id(request, "document", PointId, "document")
    await get_service(request).contributions.remove(collection, document)
    return web.Response(status=204)


@routes.post("/search")
@requires("read")
@describe(summary="Search collections by meaning", body=Search, answer=SearchPage)
async def search(request: web.Request) -> web.Response:
    """One page, best first."""
    given = cast(Search, await kit.body(request))
    return reply(await operations.search(get_service(request), given))


@routes.get("/collections")
@describe(summary="List the collections and how much they hold", answer=CollectionList)
async def list_collections(request: web.Request) -> web.Response:
    """All five."""
    return reply(await operations.list_collections(get_service(request)))


@routes.post("/augment_query")
@requires("read")
@describe(summary="Give a query what the collections know of it", body=Augment, answer=Augmented)
async def augment(request: web.Request) -> web.Response:
    """The augmented prompt and where its contexts came from."""
    given = cast(Augment, await kit.body(request))
    return reply(await get_service(request).augmenter.augment(given))


@routes.post("/context/multi_turn")
@requires("read")
@describe(summary="Give a turn of a session contexts that it has not had", body=MultiTurn, answer=Turned)
async def take_turn(request: web.Request) -> web.Response:
    """Without a session id it begins a session."""
    given = cast(MultiTurn, await kit.body(request))
    return reply(await get_service(request).augmenter.turn(request["client"].name, given))


@routes.get("/session/{session_id}")
@describe(summary="Describe a session of this client", answer=SessionInfo)
async def read_session(request: web.Request) -> web.Response:
    """404 for another client's, as for none."""
    session_id = read_id(request, "session_id", SessionId, "session")
    session = await get_service(request).sessions.find(request["client"].name, session_id)
    if session is None:
        raise no_session(session_id)
    return reply(describe_session(session))


@routes.delete("/session/{session_id}")
@requires("read")
@describe(summary="Forget a session of this client", answer=SessionCleared)
async def clear_session(request: web.Request) -> web.Response:
    """Whoever may begin a session may end it."""
    session_id = read_id(request, "session_id", SessionId, "session")
    if not await get_service(request).sessions.delete(request["client"].name, session_id):
        raise no_session(session_id)
    return reply(SessionCleared(session_id=session_id))
