"""Learning: feedback, interactions and how they ended, patterns, training data, and what was counted."""

from typing import cast

from aiohttp import web
from garrison_kit import aiohttp as kit
from garrison_kit.gate import requires
from garrison_kit.openapi import describe

from hybrid_coordinator import operations
from hybrid_coordinator.answers import Evaluated
from hybrid_coordinator.fields import PointId
from hybrid_coordinator.learning_answers import Extracted, InteractionFound, Stats, Tracked
from hybrid_coordinator.requests import Evaluate, Export, Track, Update
from hybrid_coordinator.routes.replies import read_id, reply
from hybrid_coordinator.service import get_service
from hybrid_coordinator.training import export

routes = web.RouteTableDef()
# Not any text: /interactions/export is another resource, with another method.
_ONE = "/interactions/{interaction_id:[0-9a-f-]{36}}"


@routes.post("/feedback/evaluate")
@describe(summary="Say how useful a session's contexts were", body=Evaluate, answer=Evaluated)
async def evaluate(request: web.Request) -> web.Response:
    """Stored before it is answered."""
    given = cast(Evaluate, await kit.body(request))
    return reply(await get_service(request).feedback.evaluate(request["client"].name, given))


@routes.post("/interactions")
@describe(summary="Track an interaction", body=Track, answer=Tracked)
async def track(request: web.Request) -> web.Response:
    """200 whether it is new or not: ``status`` says which."""
    given = cast(Track, await kit.body(request))
    return reply(await operations.track(get_service(request), request["client"], given))


@routes.patch(_ONE)
@describe(summary="Say how an interaction ended or was liked", body=Update, answer=Tracked)
async def update(request: web.Request) -> web.Response:
    """404 for another client's, as for none; an admin may change everybody's."""
    given = cast(Update, await kit.body(request))
    interaction_id = read_id(request, "interaction_id", PointId, "interaction")
    return reply(await operations.update(get_service(request), request["client"], interaction_id, given))


@routes.get(_ONE)
@describe(summary="Read an interaction of this client", answer=InteractionFound)
async def read(request: web.Request) -> web.Response:
    """404 for another client's, as for none."""
    interaction_id = read_id(request, "interaction_id", PointId, "interaction")
    return reply(await operations.read_interaction(get_service(request), request["client"], interaction_id))


@routes.delete(_ONE)
@describe(summary="Forget an interaction of this client", status=204)
async def forget(request: web.Request) -> web.Response:
    """The next extraction makes its pattern without it."""
    interaction_id = read_id(request, "interaction_id", PointId, "interaction")
    await operations.forget(get_service(request), request["client"], interaction_id)
    return web.Response(status=204)


@routes.post("/patterns/extract")
@requires("admin")
@describe(summary="Extract patterns from new interactions now", answer=Extracted)
async def extract(request: web.Request) -> web.Response:
    """Bounded: ``is_done`` says whether there is more."""
    return reply(await operations.extract(get_service(request)))


@routes.post("/interactions/export")
@requires("admin")
@describe(summary="Stream high-value interactions as JSON lines", body=Export)
async def export_interactions(request: web.Request) -> web.StreamResponse:
    """One JSON document a line."""
    given = cast(Export, await kit.body(request))
    pages = export(get_service(request).store, given)
    # The first page comes before the first byte: a Qdrant that is away is still a problem and no broken stream.
    page = await anext(pages, None)
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    while page is not None:
        await response.write("".join(f"{record.model_dump_json()}\n" for record in page).encode())
        page = await anext(pages, None)
    await response.write_eof()
    return response


@routes.get("/stats")
@describe(summary="What was counted since the first start", answer=Stats)
async def read_stats(request: web.Request) -> web.Response:
    """Counted in Redis."""
    return reply(await operations.read_stats(get_service(request)))
