"""A service's MCP tools: the official SDK at ``/mcp``, with the keys, scopes, ids and problems of its REST API."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams
from starlette.applications import Starlette

from garrison_kit.clients import Scope
from garrison_kit.gate import requires
from garrison_kit.mcp_endpoint import Endpoint
from garrison_kit.mcp_tool import Toolbox

if TYPE_CHECKING:
    from aiohttp import web

PATH = "/mcp"
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Tools:
    """The tools of one service.

    A client sees and may call those whose scope it has; ``clients.current()`` is that client inside a tool too.
    """

    def __init__(self, service: str, version: str, instructions: str) -> None:
        """``instructions`` tell a model what the service is for and in which order to use its tools."""
        self._toolbox = Toolbox()
        self._server: Server[Any] = Server(
            service,
            version=version,
            instructions=instructions,
            on_list_tools=self._list,
            on_call_tool=self._call,
        )
        # The SDK's own spans would put error messages into the trace; each call has one of the kit's instead.
        self._server.middleware.clear()
        # It says on INFO, for each request, that it ends a session that there never was.
        logging.getLogger("mcp").setLevel(logging.WARNING)

    def tool(
        self, *, scope: Scope = "read", name: str | None = None
    ) -> Callable[[Callable[Parameters, Awaitable[Result]]], Callable[Parameters, Awaitable[Result]]]:
        """Make an async function a tool for clients with ``scope``, named as the function unless ``name`` is given.

        Its docstring and the descriptions of its parameters (``Annotated[str, Field(description="…")]``) are all
        that a model knows of it: TypeError where one is missing. HttpProblemError becomes an error result with
        the problem document; any other exception one that says nothing of the inside.
        """

        def add(
            function: Callable[Parameters, Awaitable[Result]],
        ) -> Callable[Parameters, Awaitable[Result]]:
            self._toolbox.add(function, scope, name)
            return function

        return add

    def mount_asgi(self, app: Starlette) -> None:
        """Serve the tools at ``/mcp`` of a FastAPI application; its lifespan starts and stops what they need."""
        endpoint = requires("read")(Endpoint(self._server))
        app.add_route(PATH, endpoint, methods=["POST"], include_in_schema=False)  # type: ignore[arg-type] # an ASGI application, which Starlette takes too
        inner = app.router.lifespan_context

        @asynccontextmanager
        async def lifespan(started: Starlette) -> AsyncIterator[Any]:
            async with endpoint.running(), inner(started) as state:
                yield state

        app.router.lifespan_context = lifespan

    def mount_aiohttp(self, app: "web.Application") -> None:
        """Serve the tools at ``/mcp`` of an aiohttp application; its startup and cleanup do the rest."""
        # Only here: a service on FastAPI has no aiohttp.
        from garrison_kit.asgi_bridge import bridge

        endpoint = Endpoint(self._server)

        async def live(_: "web.Application") -> AsyncIterator[None]:
            async with endpoint.running():
                yield

        # Every method: aiohttp's own 405 would come after the gate, which asks for the scope that a method implies.
        app.router.add_route("*", PATH, requires("read")(bridge(endpoint)))
        app.cleanup_ctx.append(live)

    async def _list(self, *_: ServerRequestContext[Any] | PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=self._toolbox.list())

    async def _call(self, _: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        return await self._toolbox.call(params.name, params.arguments or {})
