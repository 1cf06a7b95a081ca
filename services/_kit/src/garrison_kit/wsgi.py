"""The kit for Flask: a WSGI wrapper, hooks, problem handlers, and the routes every service has."""

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flask
from flask import Flask, Response, g, jsonify
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from garrison_kit import health
from garrison_kit.gate import Gate, requires
from garrison_kit.limits import BodyMeter, too_large
from garrison_kit.metrics import CONTENT_TYPE, Metrics
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError, ProblemResponse, render, render_unexpected, title_of
from garrison_kit.visit import Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_VISIT = "garrison.visit"
_DRAIN_BYTES = 1024 * 1024
_UNKNOWN = sys.maxsize


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What a service may need of the kit later: its metrics' registry, its readiness."""

    metrics: Metrics
    readiness: health.Readiness


def install(app: Flask, options: Options) -> Installed:
    """Give ``app`` keys, request ids, access lines, problems, metrics, health and body limits.

    Call it once, before the app serves. Raises ClientsError or SecretError when there are no usable keys.
    """
    metrics = Metrics(options.service, options.version)
    readiness = health.Readiness(options.checks)
    gate = Gate(options)
    # Werkzeug cuts a chunked body at its limit without a word; one byte more, and ours is the one that speaks.
    app.config["MAX_CONTENT_LENGTH"] = options.max_body + 1
    app.json = _Json(app)
    app.before_request(lambda: _admit(app, gate))
    app.register_error_handler(HttpProblemError, lambda problem: _response(render(problem)))
    app.register_error_handler(
        RequestEntityTooLarge, lambda _: _response(render(too_large(options.max_body)))
    )
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, lambda error: _response(render_unexpected(error)))
    _add_routes(app, options, metrics, readiness)
    app.wsgi_app = _Wrapper(app.wsgi_app, metrics, options.max_body)  # type: ignore[method-assign] # Flask's documented way
    return Installed(metrics=metrics, readiness=readiness)


def _add_routes(app: Flask, options: Options, metrics: Metrics, readiness: health.Readiness) -> None:
    @app.get("/health/live")
    @requires("open")
    def live() -> Response:
        return jsonify(health.live_document(options.service, options.version))

    @app.get("/health/ready")
    @requires("open")
    def ready() -> Response:
        report = readiness.ask()
        response = jsonify(report.document())
        response.status_code = report.status
        return response

    @app.get("/metrics")
    @requires("open")
    def scrape() -> Response:
        return Response(metrics.render(), content_type=CONTENT_TYPE)


def _admit(app: Flask, gate: Gate) -> None:
    request = flask.request
    visit: Visit = request.environ[_VISIT]
    rule = request.url_rule
    visit.route = rule.rule if rule else None
    visit.admit_as(gate.identify(request.headers.get))
    g.client = visit.client
    endpoint = app.view_functions.get(rule.endpoint) if rule else None
    gate.admit(visit.client, request.method, endpoint, request.headers.get)


def _on_http_exception(error: HTTPException) -> Response:
    # Only headers with a meaning of their own: Werkzeug adds the content type of its HTML page.
    kept = {
        name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "Location"}
    }
    status = error.code or 500
    return _response(render(HttpProblemError(status, error.description or title_of(status), headers=kept)))


def _response(problem: ProblemResponse) -> Response:
    return Response(problem.body, status=problem.status, headers=problem.headers)


class _Json(DefaultJSONProvider):
    """Flask's own, but JSON nested past the parser's depth is bad JSON and not our failure."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class _Input(io.RawIOBase):
    """The request's body; whatever goes wrong while it is read (a broken chunk, a lost client) is a 400."""

    def __init__(self, environ: "WSGIEnvironment", limit: int) -> None:
        self._stream = environ["wsgi.input"]
        self._limit, self._meter = limit, BodyMeter(limit)
        self._is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        self._left = _UNKNOWN if self._is_chunked else _declared(environ.get("CONTENT_LENGTH"))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._take(len(buffer))
        self._meter.add(len(data))
        buffer[: len(data)] = data
        return len(data)

    def drain(self) -> bool:
        """Read on within bounds, so that the client can finish sending and read its answer; whether it ended."""
        budget = max(2 * self._limit, _DRAIN_BYTES)
        if self._left > budget and not self._is_chunked:
            return False
        try:
            while self._left and budget > 0:
                budget -= len(self._take(min(budget, 65536)))
        except HttpProblemError:
            return False
        return not self._left

    def _take(self, size: int) -> bytes:
        try:
            data: bytes = self._stream.read(min(size, self._left)) if self._left else b""
        except Exception as error:
            self._left = 0
            raise HttpProblemError(
                400, "The body could not be read.", headers={"Connection": "close"}
            ) from error
        self._left = self._left - len(data) if data else 0
        return data


def _declared(length: str | None) -> int:
    if not (length and length.isascii() and length.isdigit()):
        return 0
    return int(length) if len(length) <= 18 else _UNKNOWN


class _Wrapper:
    def __init__(self, app: "WSGIApplication", metrics: Metrics, max_body: int) -> None:
        self._app, self._metrics, self._max_body = app, metrics, max_body

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        visit = Visit(
            self._metrics,
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
            environ.get("HTTP_X_REQUEST_ID"),
            environ.get("HTTP_X_FORWARDED_FOR") or environ.get("REMOTE_ADDR"),
        )
        environ[_VISIT] = visit
        body = environ["wsgi.input"] = _Input(environ, self._max_body)

        def tagged_start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            visit.status = int(status[:3])
            if visit.status >= 400 and not body.drain():
                headers = [*headers, ("Connection", "close")]
            return start_response(status, [*headers, ("X-Request-ID", visit.request_id)], exc_info)

        return self._serve(visit, environ, tagged_start)

    def _serve(
        self, visit: Visit, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterator[bytes]:
        with visit:
            body = self._app(environ, start_response)
            try:
                yield from body
            finally:
                if hasattr(body, "close"):
                    body.close()
