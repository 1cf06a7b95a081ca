"""The door as a client outside sees it."""

import datetime
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from garrison.evidence.door import (
    judge_admissions,
    judge_certificate,
    judge_redirect,
    judge_refusals,
    judge_transport_security,
    judge_versions,
)
from tests.compliance.client import Door, ask_all, certificate, handshakes, read
from tests.compliance.live import LiveHost

WRONG = "gk_" + "A" * 43
CLIENT = "compliance-test"
PATIENCE = 20  # seconds until the journal has the lines of requests


@pytest.fixture
def key(live: LiveHost) -> Iterator[str]:
    """A key that is revoked in the end."""
    made = live.garrison("keys", "add", CLIENT)
    assert made.returncode == 0, made.stderr
    yield made.stdout.strip()
    live.garrison("keys", "revoke", CLIENT)


def test_every_routed_service_has_a_probe(door: Door) -> None:
    assert len(door.guarded) == len(door.wanted.catalog.routed)


def test_every_routed_service_is_healthy_over_https(door: Door) -> None:
    with door.client() as client:
        assert judge_admissions(ask_all(client, door.health)) == []


def test_who_does_not_know_the_authority_gets_nothing(door: Door) -> None:
    with (
        httpx.Client(base_url=door.base, trust_env=False) as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get("/")


@pytest.mark.parametrize("wrong", [None, WRONG, "x"], ids=["no key", "a wrong key", "no key at all"])
def test_nobody_comes_in_without_a_key(door: Door, wrong: str | None) -> None:
    with door.client() as client:
        assert judge_refusals(ask_all(client, door.guarded, wrong)) == []


def test_a_key_opens_every_route_until_it_is_revoked(live: LiveHost, door: Door, key: str) -> None:
    with door.client() as client:
        assert judge_admissions(ask_all(client, door.guarded, key)) == []
        revoked = live.garrison("keys", "revoke", CLIENT)
        assert revoked.returncode == 0, revoked.stderr
        assert judge_refusals(ask_all(client, door.guarded, key)) == []


def test_a_key_that_was_used_is_written_down_nowhere_in_the_journal(
    live: LiveHost, door: Door, key: str
) -> None:
    count = "sh -c 'exec 3<&0; journalctl --no-pager --all -o export | grep -c -F -f /dev/fd/3 || true'"
    with door.client() as client:
        answers = ask_all(client, door.guarded, key)
    deadline = time.monotonic() + PATIENCE
    # The search sees the access log: the line of the last request, and so those before it.
    while live.pipe(answers[-1].headers["x-request-id"], count).strip() == "0":
        assert time.monotonic() < deadline, answers[-1]
    assert live.pipe(key, count).strip() == "0"


def test_a_server_that_lets_everybody_in_is_found(door: Door) -> None:
    with yes_server() as base, httpx.Client(base_url=base, trust_env=False) as client:
        problems = judge_refusals(ask_all(client, door.guarded, WRONG))
    assert [problem.id for problem in problems] == ["door.open"] * len(door.guarded)


def test_plain_http_leads_to_https_on_the_same_host(door: Door) -> None:
    path = "/aidb/documents?limit=1"
    with httpx.Client(trust_env=False) as client:
        answer = read(client.get(f"http://{door.host}:{door.http}{path}"))
    assert judge_redirect(answer, door.host, door.https, path) == []


def test_every_answer_keeps_browsers_on_https(door: Door) -> None:
    with door.client() as client:
        answers = ask_all(client, ["/", "/nowhere", *door.guarded, *door.health])
    assert judge_transport_security(answers) == []


def test_the_door_speaks_tls_1_2_and_1_3_and_nothing_older(door: Door) -> None:
    assert judge_versions(door.base, handshakes(door.host, door.https)) == []


def test_the_certificate_is_for_the_names_of_the_host(door: Door) -> None:
    found = certificate(door.host, door.https)
    now = datetime.datetime.now(datetime.UTC)
    assert judge_certificate(door.base, found, door.wanted.settings.server_names, now) == []


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_database_is_not_reached_from_outside(live: LiveHost, door: Door, name: str) -> None:
    (port,) = door.wanted.catalog.services[name].listen.values()
    # The firewall gives no answer at all; without it the host would refuse.
    with pytest.raises(httpx.ConnectTimeout), httpx.Client(trust_env=False, timeout=5) as client:
        client.get(f"http://{live.address}:{port}/")


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_database_is_not_reached_from_the_host(live: LiveHost, door: Door, name: str) -> None:
    (port,) = door.wanted.catalog.services[name].listen.values()
    for address in ("127.0.0.1", "::1"):
        tried = live.connection.run(
            f"python3 -c 'import socket; socket.create_connection((\"{address}\", {port}), 3)'"
        )
        assert "Connection refused" in tried.stderr


class _Yes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Nobody wants to read it."""


@contextmanager
def yes_server() -> Iterator[str]:
    """A service without any check of keys."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Yes) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
