"""What the picture shows: services, and a link for each network between two of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import Service

# No service can have these names.
CLIENTS, WORLD = "@clients", "@world"
LOOPBACK = "127.0.0.1"


class Kind(StrEnum):
    """What a node is; the picture has a look for each."""

    OUTSIDE = "outside"
    DOOR = "door"
    OWN = "own"  # checks clients' keys itself
    BEHIND = "behind"


class Way(StrEnum):
    """Why two ends may speak; the picture has a line for each."""

    ENTRY = "entry"
    ROUTE = "route"
    NEED = "need"
    EGRESS = "egress"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One box: ``name`` is what links refer to, ``heading`` what is shown."""

    name: str
    kind: Kind
    heading: str
    title: str
    reached: tuple[str, ...] = ()
    alone: str | None = None  # a network with nobody else on it


@dataclass(frozen=True, kw_only=True)
class Link:
    """One line from who asks to who answers; ``name`` is the network's."""

    name: str
    start: str
    end: str
    way: Way


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Everything to draw, in the order of the names."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def make_graph(catalog: Catalog) -> Graph:
    """The services of ``catalog``, its networks, and the world outside where something leads there."""
    links = tuple(_links(catalog))
    outside = {name for link in links for name in (link.start, link.end) if name.startswith("@")}
    alone = {network.members[0]: network.name for network in catalog.networks() if _is_alone(network.members)}
    for link in links:
        alone.pop(link.start, None)
    nodes = [_node(catalog, service, alone.get(name)) for name, service in catalog.services.items()]
    nodes += [node for node in _OUTSIDE if node.name in outside]
    return Graph(nodes=tuple(nodes), links=links)


def reached_at(catalog: Catalog, service: Service) -> tuple[str, ...]:
    """Where a service answers on the host, line by line; empty when nowhere."""
    lines = []
    if service.door:
        lines += [f"port {service.door.https}, TLS", f"port {service.door.http}, redirects"]
    if service.route and catalog.door:
        lines.append(f"door: {service.route.path}")
    return (*lines, *(f"{LOOPBACK}:{port}" for port in service.publish.values()))


def _links(catalog: Catalog) -> Iterator[Link]:
    door = catalog.door
    if door:
        yield Link(name="clients", start=CLIENTS, end=door.name, way=Way.ENTRY)
    for network in catalog.networks():
        if not network.internal:
            yield Link(name=network.name, start=network.members[0], end=WORLD, way=Way.EGRESS)
        elif not _is_alone(network.members):
            start, end = network.members
            is_route = door is not None and start == door.name and end not in door.needs
            yield Link(name=network.name, start=start, end=end, way=Way.ROUTE if is_route else Way.NEED)


def _is_alone(members: tuple[str, ...]) -> bool:
    return len(members) == 1


def _node(catalog: Catalog, service: Service, alone: str | None) -> Node:
    return Node(
        name=service.name,
        kind=_kind(service),
        heading=service.name,
        title=service.title,
        reached=reached_at(catalog, service),
        alone=alone,
    )


def _kind(service: Service) -> Kind:
    if service.door:
        return Kind.DOOR
    return Kind.OWN if service.verifies_keys else Kind.BEHIND


_OUTSIDE = (
    Node(name=CLIENTS, kind=Kind.OUTSIDE, heading="clients", title="each with a key of its own"),
    Node(name=WORLD, kind=Kind.OUTSIDE, heading="the internet", title="only where allowed"),
)
