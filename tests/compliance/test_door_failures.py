"""Whatever fails behind the door, in either version of HTTP: a problem document, its id, and nothing of the inside."""

import contextlib
import json
import socket
import ssl
from collections.abc import Iterator

import pytest

from garrison.plan.step import LIB
from tests.compliance.client import Door
from tests.compliance.failing_door import DOOR, FOREIGN, INSIDE, Answer, FailingDoor, failing
from tests.compliance.live import LiveHost

__all__ = ["failing"]  # a fixture
CLIENT = "failures-test"
PATIENCE = 300  # seconds until a connection that the door doesn't end is given up
VERSIONS = {"1.1": "--http1.1", "2": "--http2"}
STATUSES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504, 507)


@pytest.fixture(scope="module")
def key(live: LiveHost) -> Iterator[str]:
    keys = f"{LIB}/keys"
    live.quietly(f"{keys} revoke {CLIENT}")
    yield live.sh(f"{keys} add {CLIENT} --scopes read")
    live.sh(f"{keys} revoke {CLIENT}")


def judge(answer: Answer, status: int, version: str) -> None:
    """A problem document of that status, in that version, which tells nothing."""
    assert (answer.status, answer.version) == (status, version), answer
    problem = json.loads(answer.body)
    assert problem["status"] == status
    assert len(problem["error_id"]) == 32
    assert f"x-request-id: {problem['error_id']}" in answer.headers.lower()
    assert "content-type: application/problem+json" in answer.headers.lower()
    # That the door is nginx is no secret; its version is.
    told = f"{answer.headers}{answer.body}".lower().replace("\nserver: nginx\n", "\n")
    for word in (INSIDE.lower(), "psycopg", "nginx", "openresty", "lua", FOREIGN):
        assert word not in told, word


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_what_a_service_answers_is_said_in_the_doors_own_words(
    failing: FailingDoor, key: str, status: int, version: str
) -> None:
    judge(failing.ask(f"/llama/{status}", VERSIONS[version], key=key), status, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_408_of_a_service_ends_the_connection_and_tells_nothing(
    failing: FailingDoor, key: str, version: str
) -> None:
    """nginx takes it for a client that was too slow, and answers none of those."""
    answer = failing.ask("/llama/408", VERSIONS[version], key=key)
    assert (answer.status, answer.headers, answer.body) == (0, "", "")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_that_never_answers_is_a_504(failing: FailingDoor, version: str) -> None:
    judge(failing.ask("/llama/health/silent", VERSIONS[version]), 504, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_whose_name_nobody_has_is_a_502(failing: FailingDoor, key: str, version: str) -> None:
    judge(failing.ask("/embeddings/info", VERSIONS[version], key=key), 502, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_wrong_with_a_request_is_told_in_either_version(
    failing: FailingDoor, key: str, version: str
) -> None:
    way = VERSIONS[version]
    failing.run(DOOR, "head -c 3000000 /dev/zero > /tmp/large")
    judge(failing.ask("/garrison-nowhere", way), 404, version)
    judge(failing.ask("/llama/200", way), 401, version)
    judge(failing.ask("/llama/200", way, "--data", "a" * 5000), 401, version)
    judge(failing.ask("/llama/health", way, "-X", "DELETE"), 405, version)
    judge(failing.ask("/llama/health", way, "--data", "a" * 5000), 413, version)
    judge(failing.ask("/llama/metrics", way, key=key), 404, version)
    judge(failing.ask("/llama/metrics", way, "--data", "a" * 5000, key=key), 413, version)
    judge(failing.ask("/llama/a/../b", way, key=key), 400, version)
    judge(failing.ask("/llama/200", way, "--data-binary", "@/tmp/large", key=key), 413, version)
    judge(failing.ask("/llama/200", way, "-H", "Host: nobody.invalid"), 421, version)


def test_what_a_service_answers_well_passes(failing: FailingDoor, key: str) -> None:
    """Without this, a door that answers everything by a problem would pass."""
    answer = failing.ask("/llama/200", key=key)
    assert (answer.status, answer.body.strip()) == (200, INSIDE)


@pytest.mark.parametrize("rest", ["", "Content-Length: 9\r\n\r\n123"], ids=["half a head", "half a body"])
def test_a_request_that_never_gets_whole_is_ended_without_a_word(door: Door, key: str, rest: str) -> None:
    """No client waits for that answer; whoever holds the connection open on purpose learns nothing."""
    trust = ssl.create_default_context(cafile=str(door.authority))
    half = f"POST /embeddings/embed HTTP/1.1\r\nHost: {door.host}\r\nX-API-Key: {key}\r\n{rest}"
    with (
        socket.create_connection((door.host, door.https), PATIENCE) as plain,
        trust.wrap_socket(plain, server_hostname=door.host) as link,
    ):
        link.sendall(half.encode())
        with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
            assert link.recv(1000) == b""
