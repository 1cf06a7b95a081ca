"""The firewall as somebody outside meets it: what is declared answers, everything else keeps silent."""

import socket
from collections.abc import Iterator

import pytest

from tests.compliance.live import LiveHost

PORT = 4444
PATIENCE = 3.0


def knock(address: str, port: int) -> str:
    """How an attempt to connect ends."""
    try:
        with socket.create_connection((address, port), timeout=PATIENCE):
            return "open"
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "closed"


@pytest.fixture
def undeclared(live: LiveHost) -> Iterator[int]:
    """A port on which root listens on every address, and that nobody declares."""
    live.sh(f"systemd-run -q --unit=garrison-test-listener python3 -m http.server {PORT} --bind ::")
    live.sh(f"timeout 10 sh -c 'until ss -Htln sport = :{PORT} | grep -q .; do sleep 0.1; done'")
    yield PORT
    live.sh("systemctl stop garrison-test-listener")


@pytest.fixture
def addresses(live: LiveHost) -> list[str]:
    """Every address that the certificate names."""
    return [name for name in live.settings.server_names if name.replace(".", "").isdigit() or ":" in name]


def test_ssh_and_the_door_answer(addresses: list[str]) -> None:
    assert addresses
    assert {knock(address, port) for address in addresses for port in (22, 8088, 8443)} == {"open"}


def test_what_nobody_declares_keeps_silent(live: LiveHost, undeclared: int, addresses: list[str]) -> None:
    """The listener is there: only the firewall keeps it from whoever asks."""
    assert {knock(address, undeclared) for address in addresses} == {"silent"}
    live.sh("nft insert rule inet garrison input tcp dport 4444 accept")
    try:
        assert {knock(address, undeclared) for address in addresses} == {"open"}
    finally:
        live.sh("systemctl restart garrison-firewall.service")
    assert {knock(address, undeclared) for address in addresses} == {"silent"}
