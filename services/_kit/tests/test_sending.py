"""What goes along with a call to another service."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from garrison_kit import clients, request_id, tracing
from garrison_kit.clients import ALL_SCOPES, Client
from kit_upstream import CALLS, Call, Upstream, call_sync, serving_upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving_upstream() as found:
        yield found


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Call:
    return CALLS[request.param]


def test_ids_trace_and_client_go_along(call: Call, upstream: Upstream) -> None:
    token = request_id.enter("request-1")
    client_token = clients.enter(Client(name="anna", scopes=frozenset({"read"})))
    try:
        with tracing.server_span("GET", {}):
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


@pytest.mark.parametrize(
    ("host", "is_told"),
    [
        ("embeddings", True),
        ("hybrid-coordinator", True),
        ("[::1]", True),
        ("api.example.org", False),
        ("127.example.org", False),
        ("[2001:db8::1]", False),
        ("3221225985", False),
    ],
)
def test_who_asked_is_told_inside_the_stack_only(host: str, is_told: bool) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    token = clients.enter(Client(name="anna", scopes=frozenset({"read"})))
    call_sync(f"https://{host}", transport=httpx.MockTransport(answer))
    clients.leave(token)
    assert ("x-client" in sent[0].headers) is is_told


def test_a_header_of_ones_own_stays(call: Call, upstream: Upstream) -> None:
    token = request_id.enter("request-1")
    call(upstream.url, "GET", {"headers": {"X-Request-ID": "mine-1234"}})
    request_id.leave(token)
    assert upstream.seen[0]["x-request-id"] == "mine-1234"


def test_a_key_can_go_in_a_header_of_its_own(call: Call, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "store_key").write_text("abc")
    call(upstream.url, key_secret="store_key", key_header="api-key", secrets_dir=tmp_path)
    assert upstream.seen[0]["api-key"] == "abc"


def test_a_call_that_the_service_makes_for_itself_names_no_client(call: Call, upstream: Upstream) -> None:
    token = clients.enter(Client(name="anna", scopes=frozenset({"write"})))
    call(upstream.url, name="store", for_client=False)
    clients.leave(token)
    assert "x-client" not in upstream.seen[0]
