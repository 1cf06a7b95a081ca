"""How a request becomes an answer: the body read, the work done in a thread, errors in Qdrant's shape."""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from qdrant_stand_in.errors import FormatError, InputError, QdrantError, TooLargeError
from qdrant_stand_in.reading import Body, mapping
from qdrant_stand_in.store import Store

log = logging.getLogger("qdrant_stand_in")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read: what the path names, what the query string asks, and the body."""

    store: Store
    path: dict[str, str]
    body: Body
    waits: bool


Handler = Callable[[Call], Any]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers ``{"result": …, "status": "ok", "time": …}`` with what ``handler`` returns."""

    async def answer(request: Request) -> Response:
        began = time.perf_counter()
        try:
            _check_path(request.scope["raw_path"])
            call = Call(
                store=cast(Store, request.app.state.store),
                path=cast(dict[str, str], request.path_params),
                body=await _body(request),
                waits=request.query_params.get("wait") == "true",
            )
            result = await run_in_threadpool(handler, call)
        except QdrantError as error:
            return refuse(error, began)
        return JSONResponse({"result": result, "status": "ok", "time": time.perf_counter() - began})

    return answer


def refuse(error: QdrantError, began: float) -> Response:
    """The answer for ``error``."""
    document = {"status": {"error": error.message}, "time": time.perf_counter() - began}
    return JSONResponse(document, error.status)


def _check_path(raw: bytes) -> None:
    # Decoded it would be a longer path, and another route.
    name = raw.split(b"/")[2:3]
    if any(b"%2f" in part.lower() for part in name):
        raise InputError("collection name cannot contain '/' char")


async def _body(request: Request) -> Body:
    if request.method in ("GET", "DELETE"):
        return {}
    limit = request.app.state.max_request_size
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise TooLargeError(f"Payload error: JSON payload ({limit} bytes) is exceeded.")
    if not content:
        return {}
    try:
        return mapping(json.loads(content, parse_constant=_no_constant), "the body")
    except (ValueError, RecursionError) as error:
        raise FormatError(str(error)) from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
