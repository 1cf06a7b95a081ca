"""The kit for FastAPI: one pure ASGI middleware, problem handlers, and the routes every service has."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from garrison_kit import health
from garrison_kit.gate import Gate, requires
from garrison_kit.limits import BodyMeter
from garrison_kit.metrics import CONTENT_TYPE, Metrics
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError, ProblemResponse, render, render_unexpected, title_of
from garrison_kit.visit import Visit

_DRAIN_BYTES, _DRAIN_SECONDS = 1024 * 1024, 2.0


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What a service may need of the kit later: its metrics' registry, its readiness."""

    metrics: Metrics
    readiness: health.Readiness


def install(app: FastAPI, options: Options) -> Installed:
    """Give ``app`` keys, request ids, access lines, problems, metrics, health and body limits.

    Call it once, before the app serves. Raises ClientsError or SecretError when there are no usable keys.
    """
    metrics = Metrics(options.service, options.version)
    readiness = health.Readiness(options.checks)
    gate = Gate(options)
    app.add_exception_handler(HttpProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    _add_routes(app, options, metrics, readiness)
    app.add_middleware(_Middleware, api=app, gate=gate, metrics=metrics, max_body=options.max_body)
    return Installed(metrics=metrics, readiness=readiness)


def _add_routes(app: FastAPI, options: Options, metrics: Metrics, readiness: health.Readiness) -> None:
    @app.get("/health/live", include_in_schema=False)
    @requires("open")
    async def live() -> dict[str, str]:
        return health.live_document(options.service, options.version)

    @app.get("/health/ready", include_in_schema=False)
    @requires("open")
    async def ready() -> JSONResponse:
        report = await readiness.ask_async()
        return JSONResponse(report.document(), status_code=report.status)

    @app.get("/metrics", include_in_schema=False)
    @requires("open")
    async def scrape() -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)


@dataclass(frozen=True)
class _Route:
    pattern: re.Pattern[str]
    methods: frozenset[str]
    template: str
    endpoint: object


def _list_routes(app: FastAPI) -> tuple[_Route, ...]:
    found = []
    for context in iter_route_contexts(app.routes):
        path = context.path
        if path is not None:
            methods = frozenset(context.methods or ())
            found.append(_Route(compile_path(path)[0], methods, path, context.endpoint))
    return tuple(found)


def _match(routes: Iterable[_Route], method: str, path: str) -> _Route | None:
    partial: _Route | None = None
    for route in routes:
        if route.pattern.match(path):
            if not route.methods or method in route.methods:
                return route
            partial = partial or route
    return partial


class _Middleware:
    def __init__(self, app: ASGIApp, *, api: FastAPI, gate: Gate, metrics: Metrics, max_body: int) -> None:
        self._app, self._api = app, api
        self._gate, self._metrics, self._max_body = gate, metrics, max_body
        self._routes: tuple[_Route, ...] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # a WebSocket would pass the gate unseen; no service of ours has one
        headers = _headers(scope)
        peer = scope["client"][0] if scope.get("client") else None
        visit = Visit(
            self._metrics,
            scope["method"],
            scope["path"],
            headers.get("x-request-id"),
            headers.get("x-forwarded-for") or peer,
        )
        with visit:
            await self._serve(visit, headers, scope, receive, send)

    async def _serve(
        self, visit: Visit, headers: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        started = False

        async def tagged_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                visit.status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", visit.request_id.encode()),
                ]
            await send(message)

        try:
            self._admit(visit, headers, scope)
            await self._app(scope, _metered(receive, self._max_body), tagged_send)
        except HttpProblemError as problem:
            await _drain(headers, receive, self._max_body)
            await _send_problem(render(problem), tagged_send)
        except Exception as error:
            response = render_unexpected(error)
            visit.status = 500
            if started:
                raise
            await _send_problem(response, tagged_send)

    def _admit(self, visit: Visit, headers: dict[str, str], scope: Scope) -> None:
        if self._routes is None:
            self._routes = _list_routes(self._api)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        route = _match(self._routes, scope["method"], path)
        visit.route = route.template if route else None
        visit.admit_as(self._gate.identify(headers.get))
        self._gate.admit(visit.client, scope["method"], route.endpoint if route else None, headers.get)
        scope.setdefault("state", {})["client"] = visit.client


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _metered(receive: Receive, limit: int) -> Receive:
    meter = BodyMeter(limit)

    async def read() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            try:
                meter.add(len(message.get("body", b"")))
            except HttpProblemError as problem:
                await _drain({"transfer-encoding": ""}, receive, limit)
                # FastAPI turns whatever fails while it reads a body into a 400, but lets HTTPException pass.
                raise HTTPException(problem.status, problem.detail, problem.headers) from problem
        return message

    return read


async def _drain(headers: dict[str, str], receive: Receive, limit: int) -> None:
    """Read what the client still sends, within bounds: one that cannot finish sending never reads its answer."""
    if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
        return
    left = max(2 * limit, _DRAIN_BYTES)
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return


async def _send_problem(response: ProblemResponse, send: Send) -> None:
    headers = {**response.headers, "Content-Length": str(len(response.body))}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})


def _response(problem: HttpProblemError) -> Response:
    rendered = render(problem)
    return Response(rendered.body, status_code=rendered.status, headers=rendered.headers)


def _on_problem(_: Request, error: Any) -> Response:
    return _response(error)


def _on_http_exception(_: Request, error: Any) -> Response:
    detail = error.detail if isinstance(error.detail, str) else title_of(error.status_code)
    return _response(HttpProblemError(error.status_code, detail, headers=error.headers))


def _on_validation_error(_: Request, error: Any) -> Response:
    # The input itself is left out: it may hold what must not come back or cannot be encoded.
    found = [
        {"where": ".".join(str(part) for part in one["loc"]), "what": one["msg"]} for one in error.errors()
    ]
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return _response(HttpProblemError(400, "The body is not valid JSON."))
    return _response(HttpProblemError(422, "The request does not fit what this route takes.", errors=found))
