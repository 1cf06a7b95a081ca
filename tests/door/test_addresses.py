"""The client's own address reaches the log, the limits and the services, and no header can change it."""

import json
import secrets
import socket
import ssl
import time

import httpx
import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import LiveHost, own_address
from tests.contract.raw import Wire
from tests.faults.machine import ROOT

FORGED = "203.0.113.66"
HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "X-Client")


@pytest.fixture
def door(live: LiveHost, wanted: Wanted) -> Door:
    return Door.of(live.address, wanted, ROOT)


def logged(live: LiveHost, container: str, word: str) -> dict[str, object]:
    """The line of a container's log with this word in it."""
    for _ in range(40):
        text = live.sh(
            f"journalctl -q -a -o cat --since=-5min CONTAINER_NAME={container} | grep -F {word} || true"
        )
        if lines := [json.loads(line) for line in text.splitlines() if line.startswith("{")]:
            return dict(lines[-1])
        time.sleep(0.5)
    raise AssertionError(f"{word} is not in the log of {container}")


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_changes_the_address_in_the_access_log(live: LiveHost, door: Door, header: str) -> None:
    path = f"/garrison-{secrets.token_hex(8)}"
    said = f"for={FORGED}" if header == "Forwarded" else FORGED
    with door.client() as client:
        client.get(path, headers={header: said})
    line = logged(live, "garrison-nginx", path)
    assert line["remote_addr"] == own_address(live.address)
    assert line["client"] == ""


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_changes_the_address_in_a_services_log(
    live: LiveHost, door: Door, key: str, header: str
) -> None:
    name = f"garrison-{secrets.token_hex(8)}"
    with door.client() as client:
        client.get(f"/embeddings/{name}", headers={header: FORGED, "X-API-Key": key})
    assert logged(live, "garrison-embeddings", name)["peer"] == own_address(live.address)


def test_a_client_of_ipv6_is_known_by_its_address(
    live: LiveHost, door: Door, addresses: tuple[str, str]
) -> None:
    path = f"/garrison-{secrets.token_hex(8)}"
    trust = ssl.create_default_context(cafile=str(door.authority))
    with httpx.Client(verify=trust, trust_env=False, timeout=30) as client:
        client.get(f"https://[{addresses[1]}]:{door.https}{path}")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as link:
        link.connect((addresses[1], 22))
        own = link.getsockname()[0]
    assert logged(live, "garrison-nginx", path)["remote_addr"] == own


def test_whoever_asks_a_service_without_the_door_is_not_believed(
    live: LiveHost, wanted: Wanted, key: str
) -> None:
    name = f"garrison-{secrets.token_hex(8)}"
    port = wanted.catalog.services["embeddings"].publish["http"]
    live.sh(f"curl -s -H 'X-Forwarded-For: {FORGED}' -H 'X-API-Key: {key}' http://127.0.0.1:{port}/{name}")
    assert FORGED not in str(logged(live, "garrison-embeddings", name)["peer"])


def test_the_text_of_a_proxy_is_a_malformed_request(door: Door) -> None:
    wire = Wire(door=door.base, authority=door.authority)
    answer = wire.send(f"PROXY TCP4 {FORGED} 203.0.113.1 1 443\r\n".encode() + wire.head("GET", "/"))
    assert answer.status_code == 400


def test_a_host_field_that_is_none_is_a_malformed_request(door: Door, key: str) -> None:
    wire = Wire(door=door.base, authority=door.authority)
    head = wire.head("GET", "/embeddings/info", f"X-API-Key: {key}".encode())
    assert wire.send(head).status_code == 200
    own = f"Host: {door.host}:{door.https}".encode()
    answer = wire.send(head.replace(own, own + b"@evil.test"))
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")


def test_an_upgrade_to_h2c_opens_no_way_past_the_door(door: Door, key: str) -> None:
    with door.client() as client:
        answer = client.get(
            "/embeddings/info",
            headers={
                "X-API-Key": key,
                "Connection": "Upgrade, HTTP2-Settings",
                "Upgrade": "h2c",
                "HTTP2-Settings": "AAMAAABkAARAAAAAAAIAAAAA",
            },
        )
    assert answer.status_code == 200
    assert "upgrade" not in answer.headers


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /x HTTP/1.1\r\nHost: evil.test\r\n", 421),
        ("GET http://evil.test/x HTTP/1.1\r\nHost: {own}\r\n", 421),
        ("GET /x HTTP/1.1\r\nHost: {own}:99@evil.test\r\n", 400),
        ("GET /x HTTP/1.1\r\nHost: {own}\r\nHost: evil.test\r\n", 400),
        ("GET /x HTTP/1.1\r\nHost: {own}\r\nX-Forwarded-Host: evil.test\r\n", 301),
        ("GET //evil.test/%0d%0aX-Injected:1 HTTP/1.1\r\nHost: {own}\r\n", 301),
    ],
)
def test_the_redirect_leads_to_this_host_whatever_the_request_says(
    door: Door, head: str, status: int
) -> None:
    with socket.create_connection((door.host, door.http), 30) as link:
        link.sendall((head.format(own=door.host) + "Connection: close\r\n\r\n").encode())
        answer = b""
        while piece := link.recv(65536):
            answer += piece
    first, *lines = answer.split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert int(first.split()[1]) == status
    fields = dict(line.lower().split(": ", 1) for line in lines)
    assert "x-injected" not in fields
    if status == 301:
        assert fields["location"].startswith(f"https://{door.host}:{door.https}/")
