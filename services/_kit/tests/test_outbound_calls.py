"""Named clients against a real server: breaker, problems, repeating, time, and what goes along."""

import asyncio
import contextlib
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from garrison_kit import clients, outbound, request_id, tracing
from garrison_kit.breaker import Breaker, State
from garrison_kit.clients import ALL_SCOPES, Client
from garrison_kit.dependency import DependencyError


@dataclass
class Upstream:
    """A real HTTP server that answers with the statuses it was told, then 200, and remembers the headers."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    delay: float = 0.0
    retry_after: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def handler_for(upstream: Upstream) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            upstream.seen.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(upstream.delay)
            status = upstream.statuses.pop(0) if upstream.statuses else 200
            body = json.dumps({"status": status}).encode()
            self.send_response(status)
            if upstream.retry_after:
                self.send_header("Retry-After", upstream.retry_after)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):
                self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - its name there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Nothing: the test reads what was seen."""

    return Handler


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(upstream))
    upstream.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Call = Callable[..., httpx.Response]


def call_sync(
    url: str, method: str = "GET", options: dict[str, Any] | None = None, **given: Any
) -> httpx.Response:
    with outbound.client(url, **given) as client:
        return client.request(method, "/", **(options or {}))


def call_async(
    url: str, method: str = "GET", options: dict[str, Any] | None = None, **given: Any
) -> httpx.Response:
    async def call() -> httpx.Response:
        async with outbound.async_client(url, **given) as client:
            return await client.request(method, "/", **(options or {}))

    return asyncio.run(call())


@pytest.fixture(params=[call_sync, call_async], ids=["threads", "asyncio"])
def call(request: pytest.FixtureRequest) -> Call:
    found: Call = request.param
    return found


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_get_that_finds_the_other_side_busy_is_made_again(
    call: Call, upstream: Upstream, status: int
) -> None:
    upstream.statuses = [status, status]
    assert call(upstream.url, name="store").json() == {"status": 200}
    assert len(upstream.seen) == 3


def test_a_post_is_not_made_again_unless_it_is_said_to_be_safe(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [503]
    with pytest.raises(DependencyError):
        call(upstream.url, "POST", {"json": {}}, name="store")
    assert len(upstream.seen) == 1
    upstream.statuses = [503]
    safe = {"json": {}, "extensions": outbound.SAFE_TO_REPEAT}
    assert call(upstream.url, "POST", safe, name="store").status_code == 200


def test_repeating_has_an_end(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [503] * 9
    with pytest.raises(DependencyError, match="store is unavailable"):
        call(upstream.url, name="store")
    assert len(upstream.seen) == 3


def test_a_pause_that_would_outlast_the_call_is_not_taken(call: Call, upstream: Upstream) -> None:
    upstream.statuses, upstream.retry_after = [429], "5"
    began = time.monotonic()
    assert call(upstream.url, name="store", timeout=0.5).status_code == 429
    assert time.monotonic() - began < 3


def test_all_attempts_share_the_time_of_the_call(call: Call, upstream: Upstream) -> None:
    upstream.statuses, upstream.delay = [503] * 9, 0.3
    began = time.monotonic()
    with pytest.raises(DependencyError):
        call(upstream.url, name="store", timeout=0.5, attempts=9)
    assert time.monotonic() - began < 2
    assert len(upstream.seen) <= 2


def test_a_slow_answer_is_a_504(call: Call, upstream: Upstream) -> None:
    upstream.delay = 0.5
    with pytest.raises(DependencyError) as late:
        call(upstream.url, name="store", timeout=0.1)
    assert (late.value.status, late.value.detail) == (504, "store did not answer in time.")


def test_what_the_other_side_waited_for_in_vain_is_a_504_too(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [504]
    with pytest.raises(DependencyError) as late:
        call(upstream.url, name="store")
    assert late.value.status == 504


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_an_absent_service_opens_the_breaker(call: Call) -> None:
    breaker = Breaker("store", failures=2)
    url = f"http://127.0.0.1:{free_port()}"
    for _ in range(2):
        with pytest.raises(DependencyError) as refused:
            call(url, name="store", breaker=breaker)
        assert refused.value.reason == "unavailable"
    with pytest.raises(DependencyError) as refused:
        call(url, name="store", breaker=breaker)
    assert (refused.value.reason, breaker.state) == ("open", State.OPEN)


def test_5xx_answers_count_and_4xx_answers_do_not(call: Call, upstream: Upstream) -> None:
    breaker = Breaker("store", failures=2)
    upstream.statuses = [404, 422, 400, 500, 500]
    for status in (404, 422, 400):
        assert call(upstream.url, "POST", name="store", breaker=breaker).status_code == status
    assert breaker.state is State.CLOSED
    for _ in range(2):
        with pytest.raises(DependencyError):
            call(upstream.url, "POST", name="store", breaker=breaker)
    assert breaker.state is State.OPEN


def test_without_a_name_httpx_speaks_for_itself(call: Call, upstream: Upstream) -> None:
    upstream.statuses = [500]
    assert call(upstream.url).status_code == 500
    upstream.delay = 0.5
    with pytest.raises(httpx.TimeoutException):
        call(upstream.url, timeout=0.1)


def test_ids_trace_and_client_go_along(call: Call, upstream: Upstream) -> None:
    token = request_id.enter("request-1")
    client_token = clients.enter(Client(name="anna", scopes=frozenset({"read"})))
    try:
        with tracing.server_span("GET", None, {}):
            trace_id = tracing.current_trace_id()
            call(upstream.url, name="store")
    finally:
        clients.leave(client_token)
        request_id.leave(token)
    (seen,) = upstream.seen
    assert (seen["x-request-id"], seen["x-client"]) == ("request-1", "anna")
    assert seen["traceparent"].split("-")[1] == trace_id


@pytest.mark.parametrize("client", [None, Client(name="service", scopes=ALL_SCOPES)])
def test_no_client_is_named_where_nobody_outside_asked(
    call: Call, upstream: Upstream, client: Client | None
) -> None:
    token = clients.enter(client)
    call(upstream.url, name="store")
    clients.leave(token)
    assert "x-client" not in upstream.seen[0]


def test_a_header_of_ones_own_stays(call: Call, upstream: Upstream) -> None:
    token = request_id.enter("request-1")
    call(upstream.url, "GET", {"headers": {"X-Request-ID": "mine-1234"}})
    request_id.leave(token)
    assert upstream.seen[0]["x-request-id"] == "mine-1234"


def test_a_key_can_go_in_a_header_of_its_own(call: Call, upstream: Upstream, tmp_path: Any) -> None:
    (tmp_path / "store_key").write_text("abc")
    call(upstream.url, key_secret="store_key", key_header="api-key", secrets_dir=tmp_path)
    assert upstream.seen[0]["api-key"] == "abc"


def test_a_cancelled_call_says_nothing_about_the_other_side(upstream: Upstream) -> None:
    upstream.delay = 0.3
    breaker = Breaker("store", failures=1)

    async def call() -> None:
        async with outbound.async_client(upstream.url, name="store", breaker=breaker) as client:
            async with asyncio.timeout(0.05):
                await client.get("/")

    with pytest.raises(TimeoutError):
        asyncio.run(call())
    assert (breaker.state, breaker.failed) == (State.CLOSED, 0)
