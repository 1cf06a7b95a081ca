"""What the server tells about itself: probes, version, metrics, telemetry."""

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qdrant_stand_in import ENGINE, TITLE, VERSION
from qdrant_stand_in.calls import Call


async def version(_: Request) -> Response:
    """Who answers: Qdrant's version in a form that clients compare, and in the title that it's the stand-in."""
    return JSONResponse(
        {"title": TITLE, "version": VERSION, "commit": f"stand-in over qdrant-edge-py {ENGINE}"}
    )


async def healthy(_: Request) -> Response:
    """It answers, so it lives."""
    return PlainTextResponse("healthz check passed")


async def ready(_: Request) -> Response:
    """Every collection is loaded before the first request is answered."""
    return PlainTextResponse("all shards are ready")


def telemetry(call: Call) -> Any:
    """What it is, and how much is in it."""
    names = call.store.names()
    return {
        "id": "stand-in",
        "app": {"name": TITLE, "version": VERSION, "stand_in": True, "engine": f"qdrant-edge-py {ENGINE}"},
        "collections": {"number_of_collections": len(names)},
    }


class Counting:
    """Counts answers by method, route and status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.answers: Counter[tuple[str, str, int]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and notes the status of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["counting"] = self

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("route")
                path = getattr(route, "path", "other")
                self.answers[scope["method"], path, message["status"]] += 1
            await send(message)

        await self._app(scope, receive, note)


async def metrics(request: Request) -> Response:
    """Prometheus' text, under the names that Qdrant gives these."""
    store = request.app.state.store
    names = store.names()
    lines = [
        "# TYPE app_info gauge",
        f'app_info{{name="qdrant-stand-in",version="{VERSION}"}} 1',
        "# TYPE app_status_recovery_mode gauge",
        "app_status_recovery_mode 0",
        "# TYPE collections_total gauge",
        f"collections_total {len(names)}",
        "# TYPE collection_points gauge",
    ]
    for name in names:
        points = store.get(name).figures()["points_count"]
        lines.append(f'collection_points{{id="{_label(name)}"}} {points}')
    lines.append("# TYPE rest_responses_total counter")
    for (method, path, status), number in sorted(request.scope["counting"].answers.items()):
        labels = f'method="{method}",endpoint="{path}",status="{status}"'
        lines.append(f"rest_responses_total{{{labels}}} {number}")
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
