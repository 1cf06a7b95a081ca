"""Language models: who would answer a question, and their answer."""

from typing import cast

from aiohttp import web
from garrison_kit import aiohttp as kit
from garrison_kit.gate import requires
from garrison_kit.openapi import describe

from hybrid_coordinator.answers import Answered, Routed
from hybrid_coordinator.requests import Ask
from hybrid_coordinator.routes.replies import reply
from hybrid_coordinator.service import get_service

routes = web.RouteTableDef()


@routes.post("/route")
@requires("read")
@describe(summary="Say who would answer a question, and why", body=Ask, answer=Routed)
async def route(request: web.Request) -> web.Response:
    """Asks no model."""
    given = cast(Ask, await kit.body(request))
    return reply(await get_service(request).answerer.route(given))


@routes.post("/query")
@requires("read")
@describe(summary="Augment a question and have it answered", body=Ask, answer=Answered)
async def query(request: web.Request) -> web.Response:
    """By the local model, or by the remote one where it is configured and wanted."""
    given = cast(Ask, await kit.body(request))
    return reply(await get_service(request).answerer.answer(given))
