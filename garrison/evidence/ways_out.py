"""What containers reach beyond one another: gateways, the host, the world, and which of it a service declares."""

import ipaddress
from collections.abc import Iterator, Mapping

from garrison.catalog.catalog import PREFIX
from garrison.catalog.egress import Destination
from garrison.evidence.probes import Connection, Pairs
from garrison.plan.wanted import Wanted
from garrison.problem import Problem

DNS = 53
_PLACES = {"host": "the host itself, or what is mapped to it", "canary": "the outside"}


def find_escapes(check: str, pairs: Pairs, wanted: Wanted) -> Iterator[Problem]:
    """The host's ports, gateways, canaries and names of the world that somebody reaches without declaring it."""
    for canary, result in pairs.control.items():
        if result != "connected":
            yield Problem(where=f"canary {canary}", id=f"{check}.unproven",
                          what=f"the host itself can't reach it ({result}).",
                          remedy="Choose an address that answers the host; else silence proves nothing.")  # fmt: skip
    gateways = {one.name: set(one.gateways.values()) for one in pairs.containers}
    ways_out = {
        f"{PREFIX}-{name}": service.egress.to
        for name, service in wanted.catalog.services.items()
        if service.egress
    }
    for one in pairs.connections:
        if one.kind == "peer" or not one.has_arrived:
            continue
        if one.kind == "gateway" and one.port == DNS and one.address in gateways.get(one.source, ()):
            continue  # a container asks its own gateways for names
        if not _is_declared(one, ways_out.get(one.source, ()), pairs.told):
            place = _PLACES.get(one.kind, f"the gateway of {one.to}")
            shown = (
                f"{one.address}:{one.port}" if one.protocol == "tcp" else f"{one.address} ({one.protocol})"
            )
            yield Problem(where=f"{one.source} → {shown}", id=f"{check}.{one.kind}",
                          what=f"it reaches {place} ({one.result}).",
                          remedy="Its networks must be internal and isolated, and its wall up: see the findings about "
                          "networks and walls.")  # fmt: skip
    for asked in pairs.names:
        if not asked.to and asked.addresses and asked.source not in ways_out:
            yield Problem(where=f"{asked.source} → {asked.name}", id=f"{check}.world",
                          what=f"its name server tells it {', '.join(asked.addresses)}: questions leave the host.",
                          remedy="Its networks must be internal: see the findings about networks.")  # fmt: skip


def _is_declared(
    one: Connection, destinations: tuple[Destination, ...], told: Mapping[str, tuple[str, ...]]
) -> bool:
    return any(
        one.port in goal.ports.get(one.protocol, ()) and _covers(goal, one.address, told)
        for goal in destinations
    )


def _covers(goal: Destination, address: str, told: Mapping[str, tuple[str, ...]]) -> bool:
    if goal.host:
        return address in told.get(goal.host, ())
    return ipaddress.ip_address(address.partition("%")[0]) in ipaddress.ip_network(str(goal.net))
