"""The kit for aiohttp.web: one middleware, what a handler reads, and the routes every service has."""

from collections.abc import Iterator
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from garrison_kit.aiohttp_routes import describe_parts
from garrison_kit.bodies import parse_body, parse_query
from garrison_kit.core import LIVE, METRICS, OPENAPI, READY, Core
from garrison_kit.gate import requires
from garrison_kit.installed import Installed
from garrison_kit.limits import too_large, too_slow
from garrison_kit.openapi import Operation, build, description_of
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError, ProblemResponse, of_http, render, render_unexpected
from garrison_kit.visit import Visit

CORE = web.AppKey("garrison", Core)
_VISIT = web.RequestKey("garrison_visit", Visit)
_OWN = frozenset({LIVE, READY, METRICS, OPENAPI})


def install(app: web.Application, options: Options) -> Installed:
    """Give ``app`` keys, request ids, access lines, problems, metrics, health, limits and its OpenAPI document.

    Call it once, before the app serves. ``request["client"]`` is then the Client. Raises ClientsError or
    SecretError when there are no usable keys.
    """
    core = app[CORE] = Core(options)
    web.BaseRequest._seen_str_keys.add("client")  # aiohttp would warn of a key that is a plain name, once
    app._client_max_size = options.max_body  # aiohttp itself takes it in the constructor only
    app.middlewares.insert(0, _make_middleware(core))
    app.on_response_prepare.append(_tag)
    app.on_shutdown.append(_stop)
    _add_routes(app, core)
    return core.installed


async def body(request: web.Request) -> Any:
    """The request's body as the model that the handler's ``describe`` names.

    Raises HttpProblemError: 400 for what cannot be read or is no JSON, 413, 422 for what doesn't fit.
    """
    model = description_of(request.match_info.handler).body
    if model is None:
        raise TypeError("the handler's describe names no body")
    return parse_body(model, await request.read())


def query(request: web.Request) -> Any:
    """The request's query as the model that the handler's ``describe`` names. Raises HttpProblemError: 422."""
    model = description_of(request.match_info.handler).query
    if model is None:
        raise TypeError("the handler's describe names no query")
    return parse_query(model, list(dict.fromkeys(request.query)), request.query.getall)


def _add_routes(app: web.Application, core: Core) -> None:
    @requires("open")
    async def live(_: web.Request) -> web.Response:
        return web.json_response(core.live())

    @requires("open")
    async def ready(_: web.Request) -> web.Response:
        report = await core.readiness.ask_async()
        return web.json_response(report.document(), status=report.status)

    @requires("open")
    async def scrape(request: web.Request) -> web.Response:
        body, content_type = core.scrape(request.headers.get("Accept"))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def openapi(_: web.Request) -> web.Response:
        return web.json_response(build(core.options.service, core.options.version, _list_operations(app)))

    handlers: dict[str, Handler] = {LIVE: live, READY: ready, METRICS: scrape, OPENAPI: openapi}
    for path, handler in handlers.items():
        app.router.add_get(path, handler)


def _list_operations(app: web.Application) -> Iterator[Operation]:
    for route in app.router.routes():
        if route.resource is None or route.resource.canonical in _OWN or route.method in ("HEAD", "*"):
            continue
        path, parts = route.resource.canonical, describe_parts(route.resource)
        yield Operation(method=route.method, path=path, endpoint=route.handler, parameters=parts)


def _make_middleware(core: Core) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        with core.visit(request.method, request.path, request.headers.get, request.remote) as visit:
            request[_VISIT] = visit
            response = await _answer(core, visit, request, handler)
            visit.status = response.status
            return response

    return middleware


async def _answer(core: Core, visit: Visit, request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        _admit(core, visit, request)
        return await _serve(core, visit, request, handler)
    except HttpProblemError as problem:
        return _respond(render(problem))
    except web.HTTPRequestEntityTooLarge:
        return _respond(render(too_large(core.options.max_body)))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _respond(render(of_http(error.status, error.reason, dict(error.headers))))
    except Exception as error:
        if error is request.content.exception():
            return _respond(render(HttpProblemError(400, "The body could not be read.")))
        if visit.is_answering:
            raise
        return _respond(render_unexpected(error))


def _admit(core: Core, visit: Visit, request: web.Request) -> None:
    match = request.match_info
    resource = match.route.resource
    endpoint = match.handler if resource else None
    template = resource.canonical if resource else None
    request["client"] = core.admit(visit, request.method, template, endpoint, request.headers.get)


async def _serve(core: Core, visit: Visit, request: web.Request, handler: Handler) -> web.StreamResponse:
    if not core.is_limited(visit):
        return await handler(request)
    seconds = core.options.max_seconds
    limit = core.deadlines.limit()
    with core.places:
        try:
            with limit:
                return await handler(request)
        except TimeoutError as error:
            if visit.is_answering or not limit.is_expired:
                raise
            raise too_slow(seconds, is_body_read=request.content.is_eof()) from error


def _respond(problem: ProblemResponse) -> web.Response:
    return web.Response(body=problem.body, status=problem.status, headers=problem.headers)


async def _tag(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)  # it names versions
    visit = request.get(_VISIT)
    if visit is not None:
        visit.is_answering = True
        response.headers["X-Request-ID"] = visit.request_id
    elif response.status >= 400:
        # aiohttp refused it before any middleware ran: an Expect that nobody knows.
        problem = render(of_http(response.status, None))
        cast(web.Response, response).body = problem.body
        response.headers.update({**problem.headers, "Content-Length": str(len(problem.body))})


async def _stop(app: web.Application) -> None:
    app[CORE].readiness.stop()
