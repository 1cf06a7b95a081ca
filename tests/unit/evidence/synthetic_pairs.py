"""What try-pairs would answer on a faultless host."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from garrison.catalog.walls import wall_of
from garrison.plan.wanted import Wanted

Document = dict[str, Any]
CANARY = ("192.0.2.1", 443)
WORLD = "mirror.example.net"


def pairs_document(wanted: Wanted) -> Document:
    """The consumer of each edge reaches the ports of its provider on their network, and nothing else answers."""
    addresses = _addresses(wanted)
    gateways = {network.name: f"10.89.{n}.1" for n, network in enumerate(wanted.catalog.networks())}
    containers = []
    for name, service in wanted.catalog.services.items():
        own = [network.name for network in wanted.catalog.networks_of(name)]
        containers.append(
            {
                "name": f"garrison-{name}",
                "addresses": {net: [addresses[net, name], f"fe80::{net}"] for net in own},
                "gateways": {net: gateways[net] for net in own},
                "nameservers": [gateways[net] for net in own],
                "ports": sorted(set(service.listen.values())),
            }
        )
    edges = {
        (f"garrison-{one.consumer}", f"garrison-{one.provider}"): wanted.catalog.ports(one)
        for one in wanted.catalog.edges()
    }
    connections, names = [], []
    for one in containers:
        for other in containers:
            if one is not other:
                connections += _between(one, other, edges.get((one["name"], other["name"]), frozenset()))
                shared = {other["addresses"][net][0] for net in one["addresses"] if net in other["addresses"]}
                names += [
                    {"from": one["name"], "to": other["name"], "name": word, "addresses": sorted(shared)}
                    for word in (other["name"], other["name"].removeprefix("garrison-"))
                ]
        connections += _outside(one, gateways)
        told = ["203.0.113.80"] if _goes_out(one) else []
        names.append({"from": one["name"], "to": "", "name": WORLD, "addresses": told})
    return {
        "containers": containers,
        "connections": connections,
        "names": names,
        "control": {f"{CANARY[0]}:{CANARY[1]}": "connected"},
        "told": {},
        "walls": [_wall(wanted, name) for name in wanted.catalog.services],
    }


def _wall(wanted: Wanted, name: str) -> Document:
    asked = wall_of(wanted.catalog, name)
    rules = ["chain output {", "type filter hook output priority filter; policy drop;", f"({asked})"]
    return {"name": f"garrison-{name}", "asked": asked, "wanted": rules, "found": list(rules)}


def _between(one: Document, other: Document, allowed: frozenset[int]) -> list[Document]:
    ends: Document = {"from": one["name"], "to": other["name"], "kind": "peer"}
    found = []
    for net, addresses in other["addresses"].items():
        for address in addresses:
            meets = net in one["addresses"] and not address.startswith("fe80:")
            found += [
                ends
                | {
                    "address": address,
                    "port": port,
                    "result": "connected" if meets and port in allowed else "unreachable",
                }
                for port in other["ports"]
            ]
    return found


def _goes_out(one: Document) -> bool:
    return any(net.endswith("--egress") for net in one["gateways"])


def _outside(one: Document, gateways: Mapping[str, str]) -> list[Document]:
    found = []
    for net, address in gateways.items():
        for port in (22, 53):
            result = "connected" if port == 53 and net in one["gateways"] else "unreachable"
            found.append({"kind": "gateway", "to": net, "address": address, "port": port, "result": result})
    host = {"kind": "host", "to": "host", "address": "10.99.9.10", "port": 22, "result": "unreachable"}
    outside = {"kind": "canary", "to": f"{CANARY[0]}:{CANARY[1]}", "address": CANARY[0], "port": CANARY[1]}
    protocols = ("tcp", "udp", "icmp")
    found += [host, *(outside | {"protocol": each, "result": "unreachable"} for each in protocols)]
    return [{"from": one["name"]} | entry for entry in found]


def _addresses(wanted: Wanted) -> dict[tuple[str, str], str]:
    numbers = count(2)
    return {
        (network.name, member): f"10.89.{n}.{next(numbers)}"
        for n, network in enumerate(wanted.catalog.networks())
        for member in network.members
    }
