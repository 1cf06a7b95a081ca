"""Calls to other services: request id and bearer key go along, time is bounded, connecting is retried."""

from pathlib import Path
from typing import Any

import httpx
from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from garrison_kit import request_id
from garrison_kit.secrets import SECRETS, read_secret

# Only these are safe to repeat for any method: the request has not left yet.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout)


def _add_request_id(request: httpx.Request) -> None:
    for name, value in request_id.outbound_headers().items():
        request.headers.setdefault(name, value)


async def _add_request_id_async(request: httpx.Request) -> None:
    _add_request_id(request)


def _policy(attempts: int) -> dict[str, Any]:
    return {
        "retry": retry_if_exception_type(_UNSENT),
        "stop": stop_after_attempt(attempts),
        "wait": wait_random_exponential(multiplier=0.05, max=1.0),
        "reraise": True,
    }


class _RetryingTransport(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, attempts: int) -> None:
        self._inner, self._attempts = inner, attempts

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return Retrying(**_policy(self._attempts))(self._inner.handle_request, request)

    def close(self) -> None:
        self._inner.close()


class _RetryingAsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, attempts: int) -> None:
        self._inner, self._attempts = inner, attempts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await AsyncRetrying(**_policy(self._attempts))(self._inner.handle_async_request, request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _headers(key_secret: str | None, secrets_dir: Path | str) -> dict[str, str]:
    return {"Authorization": f"Bearer {read_secret(key_secret, secrets_dir)}"} if key_secret else {}


def client(
    base_url: str,
    *,
    key_secret: str | None = None,
    secrets_dir: Path | str = SECRETS,
    timeout: float = 10.0,
    connect_timeout: float = 2.0,
    attempts: int = 3,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """An httpx.Client for one other service; ``key_secret`` names the secret sent as the bearer key.

    Raises SecretError when that secret cannot be read.
    """
    return httpx.Client(
        base_url=base_url,
        headers=_headers(key_secret, secrets_dir),
        timeout=httpx.Timeout(timeout, connect=connect_timeout),
        transport=_RetryingTransport(transport or httpx.HTTPTransport(), attempts),
        event_hooks={"request": [_add_request_id]},
        trust_env=False,
    )


def async_client(
    base_url: str,
    *,
    key_secret: str | None = None,
    secrets_dir: Path | str = SECRETS,
    timeout: float = 10.0,
    connect_timeout: float = 2.0,
    attempts: int = 3,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """As ``client``, for asyncio."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers=_headers(key_secret, secrets_dir),
        timeout=httpx.Timeout(timeout, connect=connect_timeout),
        transport=_RetryingAsyncTransport(transport or httpx.AsyncHTTPTransport(), attempts),
        event_hooks={"request": [_add_request_id_async]},
        trust_env=False,
    )
