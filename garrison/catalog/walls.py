"""What each container may send where: the words of its wall, which garrison/hostside/wall makes rules of."""

from collections.abc import Iterable, Iterator

from garrison.catalog.catalog import PREFIX, Catalog
from garrison.catalog.egress import Destination

ANNOTATION = "garrison.wall"
NOTHING = "none"


def wall_of(catalog: Catalog, name: str) -> str:
    """The needs and the ways out of service ``name`` as words; no other connection may begin in it."""
    service = catalog.services[name]
    ports = {
        f"{PREFIX}-{name}--{edge.provider}": catalog.ports(edge)
        for edge in catalog.edges()
        if edge.consumer == name
    }
    # Every network is named, for its name server; a consumer's with the ports where it may begin.
    words = [_word(network.name, "tcp", ports.get(network.name, ())) for network in catalog.networks_of(name)]
    words += _leading_out(service.egress.to if service.egress else ())
    return " ".join(words) or NOTHING


def _leading_out(destinations: Iterable[Destination]) -> Iterator[str]:
    for one in destinations:
        for protocol, ports in one.ports.items():
            yield _word(one.place, protocol, ports)


def _word(where: str, protocol: str, ports: Iterable[int]) -> str:
    numbers = ",".join(str(port) for port in sorted(ports))
    return f"{where}={protocol}/{numbers}" if numbers else where
