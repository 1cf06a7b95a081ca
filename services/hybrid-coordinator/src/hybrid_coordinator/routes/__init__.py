"""What clients can ask over HTTP."""

from aiohttp import web

from hybrid_coordinator.routes import contexts, learning, models

ROUTES: tuple[web.RouteTableDef, ...] = (contexts.routes, learning.routes, models.routes)
