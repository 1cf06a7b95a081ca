"""Calls to other services over HTTP: ids, client and key go along, time is bounded, what is safe is repeated."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from garrison_kit import tracing
from garrison_kit.breaker import Breaker
from garrison_kit.dependency import calling
from garrison_kit.repeating import OUTLASTS_RESTART, SAFE_TO_REPEAT, repeat, repeat_async, whole_timeout
from garrison_kit.secrets import SECRETS, read_secret
from garrison_kit.sending import add_headers

__all__ = [
    "OUTLASTS_RESTART",
    "PAST_BREAKER",
    "SAFE_TO_REPEAT",
    "AsyncClient",
    "Client",
    "async_client",
    "client",
]


PAST_BREAKER: Mapping[str, Any] = {"garrison_past_breaker": True}
"""``client.get(…, extensions=PAST_BREAKER)``: for readiness, which asks how things are and counts as no call."""


class _ServerError(Exception):
    """The other service answered 5xx."""


class _GatewayTimeoutError(_ServerError):
    """It answered 504: what it needs itself was too slow."""


def _refuse_failure(response: httpx.Response) -> None:
    if response.status_code >= 500:
        kind = _GatewayTimeoutError if response.status_code == 504 else _ServerError
        raise kind(f"answered {response.status_code}")


class _Dependency:
    """Whom a client calls; without a name there is no breaker, and httpx's own errors come through."""

    def __init__(self, name: str | None, breaker: Breaker | None, attempts: int, for_client: bool) -> None:
        self.name, self.attempts, self.for_client = name, attempts, for_client
        self.breaker = breaker or (Breaker(name) if name else None)

    def call(self, request: httpx.Request, timeout: float | None = None) -> calling | None:
        """What to put around a call; None without a name."""
        if self.name is None:
            return None
        breaker = None if PAST_BREAKER.items() <= request.extensions.items() else self.breaker
        name = f"{request.method} {self.name}"
        return calling(
            self.name, breaker, timeout=timeout, errors=(httpx.RequestError, _ServerError), span=name
        )

    def plain_span(self, request: httpx.Request) -> tracing.ActiveSpan:
        """The span of a call to nobody in particular."""
        return tracing.client_span(request.url.host, request.method)


class Client(httpx.Client):
    """An httpx.Client whose every call goes through the kit; made by ``client``."""

    dependency: _Dependency

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx's. Raises DependencyError for lost connections, timeouts and 5xx where it has a name."""
        call = self.dependency.call(request)
        if call is None:
            with self.dependency.plain_span(request):
                return self._attempt(request, options)
        with call:
            response = self._attempt(request, options)
            call.span.set("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                response.close()
            _refuse_failure(response)
            return response

    def _attempt(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        add_headers(request, for_client=self.dependency.for_client)
        send, breaker = partial(super().send, request, **options), self.dependency.breaker
        return repeat(send, request, self.dependency.attempts, breaker)


class AsyncClient(httpx.AsyncClient):
    """The same for asyncio; made by ``async_client``."""

    dependency: _Dependency

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx's. Raises DependencyError for lost connections, timeouts and 5xx where it has a name."""
        seconds = whole_timeout(request)
        call = self.dependency.call(request, seconds)
        if call is None:
            with self.dependency.plain_span(request):
                return await self._attempt_within(seconds, request, options)
        async with call:
            response = await self._attempt(request, options)
            call.span.set("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                await response.aclose()
            _refuse_failure(response)
            return response

    async def _attempt_within(
        self, seconds: float | None, request: httpx.Request, options: dict[str, Any]
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(seconds):
                return await self._attempt(request, options)
        except TimeoutError as error:
            raise httpx.ReadTimeout("the call took too long", request=request) from error

    async def _attempt(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        add_headers(request, for_client=self.dependency.for_client)
        send = partial(super().send, request, **options)
        return await repeat_async(send, request, self.dependency.attempts, self.dependency.breaker)


def _headers(key_secret: str | None, secrets_dir: Path | str, key_header: str) -> dict[str, str]:
    if key_secret is None:
        return {}
    key = read_secret(key_secret, secrets_dir)
    return {key_header: f"Bearer {key}" if key_header == "Authorization" else key}


def client(
    base_url: str,
    *,
    name: str | None = None,
    key_secret: str | None = None,
    key_header: str = "Authorization",
    secrets_dir: Path | str = SECRETS,
    timeout: float = 10.0,
    connect_timeout: float = 2.0,
    attempts: int = 3,
    for_client: bool = True,
    breaker: Breaker | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Client:
    """An httpx.Client for one other service.

    With ``name`` its calls go through a breaker (``breaker``, or one of its own), and lost connections, timeouts
    and 5xx answers raise DependencyError; 4xx answers are returned. Without, httpx's errors and 5xx come through.
    ``key_secret`` names the secret sent as the bearer key, or as it is in ``key_header``.
    ``timeout`` bounds each wait for the socket and, with the pauses, the repeating; a call's own goes before it.
    Repeated are calls that were not sent and, where the method or ``extensions=SAFE_TO_REPEAT`` allows it, those
    lost on the way or answered 429, 502 or 503; ``extensions=OUTLASTS_RESTART`` repeats them for longer.
    ``for_client``: the call is made with the scopes of the client being served; else with the service's own, for
    what the service does to fulfil a request that it has allowed.
    Raises SecretError when that secret cannot be read.
    """
    made = Client(
        base_url=base_url,
        headers=_headers(key_secret, secrets_dir, key_header),
        timeout=httpx.Timeout(timeout, connect=min(connect_timeout, timeout)),
        transport=transport,
        trust_env=False,
    )
    made.dependency = _Dependency(name, breaker, attempts, for_client)
    return made


def async_client(
    base_url: str,
    *,
    name: str | None = None,
    key_secret: str | None = None,
    key_header: str = "Authorization",
    secrets_dir: Path | str = SECRETS,
    timeout: float = 10.0,
    connect_timeout: float = 2.0,
    attempts: int = 3,
    for_client: bool = True,
    breaker: Breaker | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncClient:
    """As ``client``, for asyncio; here ``timeout`` bounds the whole call, its repetitions and its body included."""
    made = AsyncClient(
        base_url=base_url,
        headers=_headers(key_secret, secrets_dir, key_header),
        timeout=httpx.Timeout(timeout, connect=min(connect_timeout, timeout)),
        transport=transport,
        trust_env=False,
    )
    made.dependency = _Dependency(name, breaker, attempts, for_client)
    return made
