"""The key: asked for before anything else, compared in constant time."""

import hmac
from functools import partial

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_OPEN = frozenset({"/", "/healthz", "/livez", "/readyz"})
_NONE = "Must provide an API key or an Authorization bearer token"
_WRONG = "Invalid API key or JWT"
_READ_ONLY = "Forbidden: write access is required"


class KeyGate:
    """Lets through who sends one of the keys in ``api-key`` or as a bearer token; probes and ``/`` need none.

    With the ``reader``'s key there is but what is asked for by GET: less than Qdrant allows, which lets it search, too.
    """

    def __init__(self, app: ASGIApp, keys: tuple[str | None, ...], reader: str | None = None) -> None:
        self._app = app
        self._keys = tuple(key.encode() for key in keys if key is not None)
        self._reader = None if reader is None else reader.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 401, or passes the request on."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(*refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[str, int] | None:
        if not self._keys or scope["path"] in _OPEN:
            return None
        given = _given(dict(scope["headers"]))
        if given is None:
            return _NONE, 401
        if any(list(map(partial(hmac.compare_digest, given), self._keys))):
            return None
        if self._reader is None or not hmac.compare_digest(given, self._reader):
            return _WRONG, 401
        return None if scope["method"] in ("GET", "HEAD") else (_READ_ONLY, 403)


def _given(headers: dict[bytes, bytes]) -> bytes | None:
    if b"api-key" in headers:
        return headers[b"api-key"]
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    return token.strip() if kind.lower() == b"bearer" else None
