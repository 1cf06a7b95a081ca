"""Calls to other services, against real sockets and httpx's own test transport."""

import asyncio
from pathlib import Path

import httpx
import pytest
from garrison_kit import outbound, request_id
from garrison_kit.secrets import SecretError


class Flaky(httpx.BaseTransport):
    """Refuses the connection a few times, then answers with what it was sent."""

    def __init__(self, failures: int, error: type[httpx.TransportError] = httpx.ConnectError) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("refused")
        return httpx.Response(200, json=dict(request.headers))


class FlakyAsync(httpx.AsyncBaseTransport):
    """The same for asyncio."""

    def __init__(self, failures: int) -> None:
        self.inner = Flaky(failures)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.inner.handle_request(request)


def test_the_key_and_the_request_id_go_along(tmp_path: Path) -> None:
    (tmp_path / "embeddings_key").write_text("abc")
    token = request_id.enter("request-1")
    with outbound.client(
        "http://x", key_secret="embeddings_key", secrets_dir=tmp_path, transport=Flaky(0)
    ) as client:
        sent = client.get("/").json()
    request_id.leave(token)
    assert (sent["authorization"], sent["x-request-id"]) == ("Bearer abc", "request-1")


def test_a_refused_connection_is_tried_again() -> None:
    transport = Flaky(2)
    with outbound.client("http://x", transport=transport) as client:
        assert client.post("/").status_code == 200
    assert transport.calls == 3


def test_a_refused_connection_is_given_up_in_the_end() -> None:
    transport = Flaky(9)
    with outbound.client("http://x", transport=transport) as client, pytest.raises(httpx.ConnectError):
        client.get("/")
    assert transport.calls == 3


def test_a_request_that_may_have_arrived_is_not_sent_twice() -> None:
    transport = Flaky(1, httpx.ReadTimeout)
    with outbound.client("http://x", transport=transport) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/")
    assert transport.calls == 1


def test_asyncio_does_the_same() -> None:
    async def call() -> dict[str, str]:
        token = request_id.enter("request-2")
        async with outbound.async_client("http://x", transport=FlakyAsync(2)) as client:
            answer = await client.get("/")
        request_id.leave(token)
        return answer.json()

    assert asyncio.run(call())["x-request-id"] == "request-2"


def test_a_missing_key_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="embeddings_key"):
        outbound.client("http://x", key_secret="embeddings_key", secrets_dir=tmp_path)
