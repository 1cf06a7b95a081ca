"""What a neighbour may reach on a host besides the door: SSH where it is, and who keeps the host's address."""

from typing import Any

import pytest

from garrison.plan.exposure import find_exposure
from garrison.snapshot.model import Snapshot
from tests.unit.evidence.conftest import Host

SSHD = {"protocol": "tcp", "address": "192.0.2.5", "port": 2222, "process": "sshd", "uid": 0}
CLIENT = {"protocol": "udp", "address": "192.0.2.5", "port": 68, "process": "systemd-network", "uid": 998}


def found(host: Host, *listeners: dict[str, Any]) -> list[str]:
    host.snapshot["listeners"] += listeners
    return [str(one.where) for one in find_exposure(Snapshot.parse(host.snapshot), host.wanted)]


@pytest.mark.parametrize(
    "listener",
    [SSHD, CLIENT, CLIENT | {"port": 546, "address": "fe80::1", "process": "dhcpcd", "uid": 0}],
    ids=["sshd on its own port", "a DHCP client", "a DHCP client for IPv6"],
)
def test_what_a_host_cannot_do_without_is_allowed(host: Host, listener: dict[str, Any]) -> None:
    assert found(host, listener) == []


@pytest.mark.parametrize(
    "listener",
    [SSHD | {"process": "nc"}, SSHD | {"uid": 1000}, CLIENT | {"process": "nc"}, CLIENT | {"port": 67}],
    ids=["no sshd", "sshd of a user", "no DHCP client", "a DHCP server"],
)
def test_whoever_takes_its_place_is_seen(host: Host, listener: dict[str, Any]) -> None:
    assert len(found(host, listener)) == 1
