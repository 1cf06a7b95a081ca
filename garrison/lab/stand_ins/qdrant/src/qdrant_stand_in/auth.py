"""The key: asked for before anything else, compared in constant time."""

import hmac
from functools import partial

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_OPEN = frozenset({"/", "/healthz", "/livez", "/readyz"})
_NONE = "Must provide an API key or an Authorization bearer token"
_WRONG = "Invalid API key or JWT"


class KeyGate:
    """Lets through who sends one of the keys in ``api-key`` or as a bearer token; probes and ``/`` need none."""

    def __init__(self, app: ASGIApp, keys: tuple[str | None, ...]) -> None:
        self._app = app
        self._keys = tuple(key.encode() for key in keys if key is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 401, or passes the request on."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(refusal, 401)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        if not self._keys or scope["path"] in _OPEN:
            return None
        given = _given(dict(scope["headers"]))
        if given is None:
            return _NONE
        return None if any(list(map(partial(hmac.compare_digest, given), self._keys))) else _WRONG


def _given(headers: dict[bytes, bytes]) -> bytes | None:
    if b"api-key" in headers:
        return headers[b"api-key"]
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    return token.strip() if kind.lower() == b"bearer" else None
