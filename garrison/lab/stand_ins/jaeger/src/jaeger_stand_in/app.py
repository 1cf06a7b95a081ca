"""The four listeners: spans come in at one, questions at another, health and metrics have one each."""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from jaeger_stand_in import TITLE, VERSION
from jaeger_stand_in.questions import read_query
from jaeger_stand_in.shown import answer, refusal, show_trace
from jaeger_stand_in.spans import read_spans
from jaeger_stand_in.store import Store

LARGEST = 4 * 1024 * 1024
PROTOBUF = "application/x-protobuf"
_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")
Handler = Callable[[web.Request], Awaitable[web.Response]]


def taking(store: Store) -> web.Application:
    """Where spans come in: OTLP over HTTP, as protobuf."""

    async def take(request: web.Request) -> web.Response:
        if request.content_type != PROTOBUF:
            return web.Response(status=415, text=f"{TITLE} takes {PROTOBUF} only\n")
        try:
            store.add(read_spans(await request.read()))
        except (ValueError, web.RequestPayloadError, HttpProcessingError) as error:
            return web.Response(status=400, text=f"{error}\n")
        return web.Response(content_type=PROTOBUF)  # an empty ExportTraceServiceResponse: all were taken

    return _app({"/v1/traces": take}, method="POST")


def asking(store: Store) -> web.Application:
    """Jaeger's query API, as far as Garrison and its tests ask."""

    async def about(_: web.Request) -> web.Response:
        return web.Response(text=f"{TITLE}; it follows {VERSION}\n")

    async def services(_: web.Request) -> web.Response:
        return web.json_response(answer(store.services()))

    async def operations(request: web.Request) -> web.Response:
        return web.json_response(answer(store.operations(request.match_info["service"])))

    async def one(request: web.Request) -> web.Response:
        wanted = request.match_info["trace"]
        if not _TRACE_ID.fullmatch(wanted):
            return _refuse(400, f"cannot parse trace id {wanted[:64]!r}")
        spans = store.trace(wanted.lower().zfill(32))
        return web.json_response(answer([show_trace(spans)])) if spans else _refuse(404, "trace not found")

    async def several(request: web.Request) -> web.Response:
        try:
            query = read_query(request.query)
        except ValueError as error:
            return _refuse(400, str(error))
        return web.json_response(answer([show_trace(spans) for spans in store.find(query)]))

    async def others(request: web.Request) -> web.Response:
        return _refuse(501, f"{TITLE} does not answer {request.path}")

    return _app(
        {
            "/": about,
            "/api/services": services,
            "/api/services/{service}/operations": operations,
            "/api/traces": several,
            "/api/traces/{trace}": one,
            "/api/{rest:.*}": others,
        }
    )


def living() -> web.Application:
    """Its health."""

    async def status(_: web.Request) -> web.Response:
        return web.json_response({"status": "StatusOK", "healthy": True})

    return _app({"/status": status})


def measured(store: Store) -> web.Application:
    """What a scrape gets: the spans that came, under the collector's own names."""

    async def scrape(_: web.Request) -> web.Response:
        labels = '{receiver="otlp",transport="http"}'
        counts = {"accepted": store.accepted, "refused": store.refused}
        lines = [f"# TYPE jaeger_stand_in_traces gauge\njaeger_stand_in_traces {len(store)}"]
        lines += [
            f"# TYPE otelcol_receiver_{name}_spans_total counter\n"
            f"otelcol_receiver_{name}_spans_total{labels} {count}"
            for name, count in counts.items()
        ]
        return web.Response(
            body="\n".join([*lines, ""]).encode(), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    return _app({"/metrics": scrape})


def _app(handlers: dict[str, Handler], method: str = "GET") -> web.Application:
    app = web.Application(client_max_size=LARGEST)
    for path, handler in handlers.items():
        app.router.add_route(method, path, handler)
    return app


def _refuse(status: int, message: str) -> web.Response:
    return web.json_response(refusal(status, message), status=status)
