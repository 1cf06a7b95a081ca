"""Every TCP and UDP port of the host, seen from the next machine: SSH, the door, and nothing else."""

import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.live import LiveHost
from tests.door.conftest import Prober, listening, no_firewall

PORT = 9999
NEAR = ("9990", "10009")
FAMILIES = pytest.mark.parametrize("family", [0, 1], ids=["IPv4", "IPv6"])


@FAMILIES
def test_of_all_tcp_ports_only_ssh_and_the_door_are_seen(
    prober: Prober, addresses: tuple[str, str], wanted: Wanted, family: int
) -> None:
    assert wanted.catalog.door
    assert wanted.catalog.door.door
    door = wanted.catalog.door.door
    found = prober.run("scan", addresses[family], "tcp", "1", "65535")
    assert found["open"] == sorted([22, door.http, door.https])
    # The firewall drops: what isn't open gives no answer at all.
    assert (found["refused"], found["silent"]) == (0, 65532)


@FAMILIES
def test_no_udp_port_says_anything(prober: Prober, addresses: tuple[str, str], family: int) -> None:
    """Silence alone proves nothing: the two tests below show that the scan sees what the firewall lets through."""
    found = prober.run("scan", addresses[family], "udp", "1", "65535")
    assert (found["open"], found["refused"], found["silent"]) == ([], 0, 65535)


@FAMILIES
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_the_scan_finds_a_listener_once_the_firewall_is_off(
    live: LiveHost, prober: Prober, addresses: tuple[str, str], family: int, protocol: str
) -> None:
    with listening(live, PORT, protocol):
        behind = prober.run("scan", addresses[family], protocol, *NEAR)
        assert behind["open"] == [], "the firewall lets it through"
        with no_firewall(live):
            bare = prober.run("scan", addresses[family], protocol, *NEAR)
    assert bare["open"] == [PORT]
    # Without the firewall closed ports are refused aloud (of UDP as often as the kernel says it).
    assert bare["refused"] > 0


def test_the_host_itself_names_a_listener_that_nobody_declared(live: LiveHost, wanted: Wanted) -> None:
    with listening(live, PORT):
        ids = {problem.id for problem in live.findings("exposure", wanted)}
    assert ids == {"exposure.unexpected"}
