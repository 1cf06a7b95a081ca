"""What Garrison's table of nftables holds on one host, as text."""

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from garrison.hardening.texts import rendered
from garrison.snapshot.model import Snapshot

if (
    TYPE_CHECKING
):  # what is wanted asks the hardening what to look at, so at run time the arrow must not point back
    from garrison.plan.wanted import Wanted

SSH = 22


def render_ruleset(snapshot: Snapshot, wanted: "Wanted") -> str:
    """The whole table: who gets in, and where the inventory says so, what the stack user may reach."""
    settings = wanted.settings
    return rendered(
        "nftables/garrison.nft.j2",
        ssh=ssh_ports(snapshot),
        door=door_ports(wanted),
        connections=settings.door_limits.connections,
        tcp=allowed_ports(wanted, "tcp"),
        udp=allowed_ports(wanted, "udp"),
        uid=settings.stack_uid,
        egress=settings.egress,
        ports=_ports,
        family=_family,
        network=_network,
    )


def ssh_ports(snapshot: Snapshot) -> tuple[int, ...]:
    """The ports that sshd is set to and those that it listens on now: a change of the port needs both for a while."""
    host = snapshot.host
    said = host.sshd.get("port", ()) if host and host.sshd else ()
    held = (one.port for one in snapshot.listeners or () if one.process == "sshd" and one.uid == 0)
    return tuple(sorted({*(int(port) for port in said), *held} or {SSH}))


def door_ports(wanted: "Wanted") -> tuple[int, ...]:
    """The ports of the one door, where the catalog has one."""
    service = wanted.catalog.door
    return (service.door.http, service.door.https) if service and service.door else ()


def allowed_ports(wanted: "Wanted", protocol: str) -> tuple[int, ...]:
    """What ``allowed_listeners`` names of a protocol."""
    pairs = (each.split("/") for each in wanted.settings.allowed_listeners)
    return tuple(sorted({int(port) for name, port in pairs if name == protocol}))


def _ports(numbers: Sequence[int]) -> str:
    text = ", ".join(str(number) for number in numbers)
    return text if len(numbers) == 1 else f"{{ {text} }}"


def _family(address: object) -> str:
    return "ip6" if ":" in str(address) else "ip"


def _network(net: object) -> str:
    """nft writes a network of one address without its length."""
    network = ipaddress.ip_network(str(net))
    return str(network.network_address) if network.num_addresses == 1 else str(network)
