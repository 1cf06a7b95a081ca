"""The kit for Flask: a WSGI wrapper, hooks, problem handlers, and the routes every service has."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import flask
from flask import Flask, Response, g, jsonify
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from garrison_kit.bodies import parse_body, parse_query
from garrison_kit.core import LIVE, METRICS, OPENAPI, READY, Core
from garrison_kit.flask_routes import list_operations
from garrison_kit.gate import requires
from garrison_kit.installed import Installed
from garrison_kit.limits import too_large, too_slow
from garrison_kit.openapi import Description, build, description_of
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError, ProblemResponse, of_http, render, render_unexpected
from garrison_kit.threads import Pool
from garrison_kit.visit import Visit
from garrison_kit.wsgi_body import Body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TOO_SLOW_TO_SEND = 408
_VISIT, _BODY = "garrison.visit", "garrison.body"


def install(app: Flask, options: Options) -> Installed:
    """Give ``app`` keys, request ids, access lines, problems, metrics, health, limits and its OpenAPI document.

    Call it once, before the app serves. Raises ClientsError or SecretError when there are no usable keys.
    """
    core = Core(options)
    # Werkzeug cuts a chunked body at its limit without a word; one byte more, and ours is the one that speaks.
    app.config["MAX_CONTENT_LENGTH"] = options.max_body + 1
    app.json = _Json(app)
    app.before_request(lambda: _admit(app, core))
    app.register_error_handler(HttpProblemError, lambda problem: _response(render(problem)))
    app.register_error_handler(
        RequestEntityTooLarge, lambda _: _response(render(too_large(options.max_body)))
    )
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, lambda error: _response(render_unexpected(error)))
    _add_routes(app, core)
    app.dispatch_request = _Timed(app.dispatch_request, core)  # type: ignore[method-assign] # the handler alone
    app.wsgi_app = _Wrapper(app.wsgi_app, core)  # type: ignore[method-assign] # Flask's documented way
    return core.installed


def body() -> Any:
    """The request's body as the model that the handler's ``describe`` names.

    Raises HttpProblemError: 400 for what cannot be read or is no JSON, 413, 422 for what doesn't fit.
    """
    model = _describe_current().body
    if model is None:
        raise TypeError("the handler's describe names no body")
    return parse_body(model, flask.request.get_data())


def query() -> Any:
    """The request's query as the model that the handler's ``describe`` names. Raises HttpProblemError: 422."""
    model = _describe_current().query
    if model is None:
        raise TypeError("the handler's describe names no query")
    return parse_query(model, list(flask.request.args), flask.request.args.getlist)


def _describe_current() -> Description:
    return description_of(flask.current_app.view_functions.get(flask.request.endpoint or ""))


def _add_routes(app: Flask, core: Core) -> None:
    @app.get(LIVE)
    @requires("open")
    def live() -> Response:
        return jsonify(core.live())

    @app.get(READY)
    @requires("open")
    def ready() -> Response:
        report = core.readiness.ask()
        response = jsonify(report.document())
        response.status_code = report.status
        return response

    @app.get(METRICS)
    @requires("open")
    def scrape() -> Response:
        body, content_type = core.scrape(flask.request.headers.get("Accept"))
        return Response(body, content_type=content_type)

    @app.get(OPENAPI)
    def openapi() -> Response:
        return jsonify(build(core.options.service, core.options.version, list_operations(app)))


def _admit(app: Flask, core: Core) -> None:
    request = flask.request
    visit: Visit = request.environ[_VISIT]
    rule = request.url_rule
    endpoint = app.view_functions.get(rule.endpoint) if rule else None
    g.client = core.admit(visit, request.method, rule.rule if rule else None, endpoint, request.headers.get)


def _on_http_exception(error: HTTPException) -> Response:
    return _response(render(of_http(error.code or 500, error.description, dict(error.get_headers()))))


def _response(problem: ProblemResponse) -> Response:
    return Response(problem.body, status=problem.status, headers=problem.headers)


class _Json(DefaultJSONProvider):
    """Flask's own, but JSON nested past the parser's depth is bad JSON and not our failure."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class _Timed:
    """Runs the handler in a thread of its own, as nothing can end a thread that takes too long.

    Its place is free again when the thread really ends, so threads that hang cannot pile up.
    """

    def __init__(self, dispatch: Callable[[], Any], core: Core) -> None:
        self._dispatch, self._core = dispatch, core
        self._pool = Pool(core.options.max_concurrent, "handler")

    def __call__(self) -> Any:
        visit: Visit = flask.request.environ[_VISIT]
        body: Body = flask.request.environ[_BODY]
        if not self._core.is_limited(visit):
            return self._dispatch()
        seconds = self._core.options.max_seconds
        self._core.places.take()
        future = self._pool.submit(self._dispatch)
        future.add_done_callback(lambda _: self._core.places.free())
        try:
            return future.result(seconds)
        except TimeoutError as error:
            if future.done():  # the handler's own
                raise
            raise too_slow(seconds, is_body_read=body.is_read) from error


class _Wrapper:
    def __init__(self, app: "WSGIApplication", core: Core) -> None:
        self._app, self._core = app, core

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        visit = self._core.visit(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
            partial(_header, environ),
            environ.get("REMOTE_ADDR"),
        )
        body = Body(environ, self._core.options.max_body)
        environ[_VISIT], environ[_BODY], environ["wsgi.input"] = visit, body, body

        def tagged_start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            visit.status = int(status[:3])
            if visit.status >= 400 and not body.is_read:
                _end_connection(start_response)
            return start_response(status, [*headers, ("X-Request-ID", visit.request_id)], exc_info)

        return self._serve(visit, body, environ, tagged_start)

    def _serve(
        self, visit: Visit, body: Body, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterator[bytes]:
        with visit:
            answer = self._app(environ, start_response)
            try:
                yield from answer
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        if visit.status >= 400 and not body.is_read:
            body.discard(is_in_use=visit.status == _TOO_SLOW_TO_SEND)


def _end_connection(start_response: "StartResponse") -> None:
    # gunicorn ignores an application's Connection header; its response object can be told.
    force_close = getattr(getattr(start_response, "__self__", None), "force_close", None)
    if force_close is not None:
        force_close()


def _header(environ: "WSGIEnvironment", name: str) -> str | None:
    key = name.upper().replace("-", "_")
    found: str | None = environ.get(key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}")
    return found
