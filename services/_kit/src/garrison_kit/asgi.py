"""The kit for FastAPI: one pure ASGI middleware, problem handlers, and the routes every service has."""

import asyncio
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from garrison_kit.core import LIVE, METRICS, READY, Core
from garrison_kit.fastapi_routes import Route, list_routes, match_route, methods_at
from garrison_kit.gate import requires
from garrison_kit.installed import Installed
from garrison_kit.limits import BodyMeter, too_slow
from garrison_kit.openapi import amend
from garrison_kit.options import Options
from garrison_kit.problems import (
    HttpProblemError,
    ProblemResponse,
    of_http,
    of_validation,
    render,
    render_unexpected,
)
from garrison_kit.visit import Visit

_DRAIN_BYTES, _DRAIN_SECONDS = 1024 * 1024, 2.0


def install(app: FastAPI, options: Options) -> Installed:
    """Give ``app`` keys, request ids, access lines, problems, metrics, health, limits and its OpenAPI document.

    Call it once, before the app serves. Raises ClientsError or SecretError when there are no usable keys.
    """
    core = Core(options)
    app.add_exception_handler(HttpProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    _add_routes(app, core)
    _extend_document(app)
    app.add_middleware(_Middleware, api=app, core=core)
    app.state.garrison = core.installed
    return core.installed


def _add_routes(app: FastAPI, core: Core) -> None:
    @app.get(LIVE, include_in_schema=False)
    @requires("open")
    async def live() -> dict[str, str]:
        return core.live()

    @app.get(READY, include_in_schema=False)
    @requires("open")
    async def ready() -> JSONResponse:
        report = await core.readiness.ask_async()
        return JSONResponse(report.document(), status_code=report.status)

    @app.get(METRICS, include_in_schema=False)
    @requires("open")
    async def scrape(request: Request) -> Response:
        body, content_type = core.scrape(request.headers.get("accept"))
        return Response(body, headers={"Content-Type": content_type})


def _extend_document(app: FastAPI) -> None:
    """Have FastAPI's own document, served at its own route, say what the kit adds."""
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            routes = list_routes(app)
            endpoints = {(m, one.path_format): one.endpoint for one in routes for m in one.methods}
            app.openapi_schema = amend(made(), lambda method, path: endpoints.get((method, path)))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # FastAPI's documented way


class _Middleware:
    def __init__(self, app: ASGIApp, *, api: FastAPI, core: Core) -> None:
        self._app, self._api, self._core = app, api, core
        self._routes: tuple[Route, ...] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # a WebSocket would pass the gate unseen; no service of ours has one
        headers = _headers(scope)
        peer = scope["client"][0] if scope.get("client") else None
        with self._core.visit(scope["method"], scope["path"], headers.get, peer) as visit:
            exchange = _Exchange(visit, headers, receive, send, self._core.options.max_body)
            try:
                self._admit(visit, headers, scope)
                await self._serve(visit, scope, exchange)
            except HttpProblemError as problem:
                await exchange.answer(render(problem))
            except Exception as error:
                response = render_unexpected(error)
                visit.status = 500
                if exchange.is_started:
                    raise
                await exchange.answer(response)

    def _admit(self, visit: Visit, headers: dict[str, str], scope: Scope) -> None:
        if self._routes is None:
            self._routes = list_routes(self._api)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        route = match_route(self._routes, scope["method"], path)
        template, endpoint = (route.template, route.endpoint) if route else (None, None)
        client = self._core.admit(visit, scope["method"], template, endpoint, headers.get)
        if route is not None and route.methods and scope["method"] not in route.methods:
            # Starlette's own Allow names the methods of the first route at the path only.
            allowed = ", ".join(methods_at(self._routes, path))
            raise HttpProblemError(405, "This path does not take this method.", headers={"Allow": allowed})
        scope.setdefault("state", {})["client"] = client

    async def _serve(self, visit: Visit, scope: Scope, exchange: "_Exchange") -> None:
        if not self._core.is_limited(visit):
            await self._app(scope, exchange.receive, exchange.send)
            return
        seconds = self._core.options.max_seconds
        limit = self._core.deadlines.limit()
        with self._core.places:
            try:
                with limit:
                    await self._app(scope, exchange.receive, exchange.send)
            except TimeoutError as error:
                if exchange.is_started or not limit.is_expired:
                    raise
                raise too_slow(seconds, is_body_read=exchange.is_read) from error


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


class _Exchange:
    """A request's messages: the body is measured, the answer bears the id and never waits for an unread body."""

    def __init__(
        self, visit: Visit, headers: dict[str, str], receive: Receive, send: Send, max_body: int
    ) -> None:
        self.is_started = False
        self.is_read = "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"
        self._visit, self._receive, self._send = visit, receive, send
        self._max_body, self._meter = max_body, BodyMeter(max_body)

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.is_read = not message.get("more_body", False)
            try:
                self._meter.add(len(message.get("body", b"")))
            except HttpProblemError as problem:
                # FastAPI turns whatever fails while it reads a body into a 400, but lets HTTPException pass.
                raise HTTPException(problem.status, problem.detail, problem.headers) from problem
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_started = True
            self._visit.status = message["status"]
            tag = (b"x-request-id", self._visit.request_id.encode())
            message["headers"] = [*message.get("headers", ()), tag]
        elif self._visit.status >= 400 and not self.is_read and not message.get("more_body", False):
            # All of the answer is on its way now; what follows only lets the client finish sending, as one
            # that cannot would never read it.
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def answer(self, response: ProblemResponse) -> None:
        headers = {**response.headers, "Content-Length": str(len(response.body))}
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": response.status, "headers": raw})
        await self.send({"type": "http.response.body", "body": response.body})

    async def _drain(self) -> None:
        left = max(2 * self._max_body, _DRAIN_BYTES)
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while left > 0:
                    message = await self._receive()
                    if message["type"] != "http.request" or not message.get("more_body"):
                        return
                    left -= len(message.get("body", b""))
        except TimeoutError:
            return


def _response(problem: HttpProblemError) -> Response:
    rendered = render(problem)
    return Response(rendered.body, status_code=rendered.status, headers=rendered.headers)


def _on_problem(_: Request, error: Any) -> Response:
    return _response(error)


def _on_http_exception(_: Request, error: Any) -> Response:
    return _response(of_http(error.status_code, error.detail, error.headers))


def _on_validation_error(_: Request, error: Any) -> Response:
    return _response(of_validation(error.errors()))
