"""The declared pairs of services reach one another, by name and by address; nobody reaches anything else."""

from collections import defaultdict
from collections.abc import Iterator

from garrison.catalog.catalog import PREFIX, Edge
from garrison.evidence.probes import Connection, Pairs
from garrison.evidence.ways_out import find_escapes
from garrison.plan.wanted import Wanted
from garrison.problem import Problem

ID = "pairs-are-the-declared-ones"
LINK_LOCAL = "fe80:"
_LOOK = "Look: sudo /usr/local/lib/garrison/as-stack podman network inspect"
_DEPLOY = "Run the deploy again: `garrison deploy INVENTORY`."


def find_pairs(pairs: Pairs, wanted: Wanted) -> list[Problem]:
    """Declared pairs that don't meet, and every way that is open between others, to the host and to the outside."""
    judge = _Judge(pairs, wanted)
    peers = [*judge.untried(), *judge.closed(), *judge.open(), *judge.told(), *judge.links()]
    return [*peers, *find_escapes(ID, pairs, wanted)]


class _Judge:
    def __init__(self, pairs: Pairs, wanted: Wanted) -> None:
        self.pairs, self.wanted = pairs, wanted
        self.edges = {(f"{PREFIX}-{e.consumer}", f"{PREFIX}-{e.provider}"): e for e in wanted.catalog.edges()}
        self.tried = {one.name: one for one in pairs.containers}
        # The addresses at which two containers may meet: those on a network of an edge between them.
        self.meeting = {
            (one.name, other.name): {
                address
                for net in one.addresses
                for address in other.addresses.get(net, ())
                if net and not address.startswith(LINK_LOCAL)
            }
            for one in pairs.containers
            for other in pairs.containers
            if (one.name, other.name) in self.edges or (other.name, one.name) in self.edges
        }

    def untried(self) -> Iterator[Problem]:
        """Services that no attempt was made from."""
        for name in self.wanted.catalog.services:
            if f"{PREFIX}-{name}" not in self.tried:
                yield _problem(f"container {PREFIX}-{name}", "untried", "it doesn't run, so nothing was tried from it.",
                               _DEPLOY)  # fmt: skip

    def closed(self) -> Iterator[Problem]:
        """Declared pairs that don't connect."""
        reached = {
            (one.source, one.to, one.address, one.port)
            for one in self.pairs.connections
            if one.result == "connected"
        }
        for (consumer, provider), edge in self.edges.items():
            if consumer not in self.tried or provider not in self.tried:
                continue
            by_address, ports = self.meeting[consumer, provider], self._ports(edge)
            where = f"{consumer} → {provider}"
            if not _meets(reached, consumer, provider, by_address, ports):
                yield _problem(where, "closed", f"it isn't reached by address (tried {sorted(by_address)}).",
                               f"{_LOOK} {consumer.removeprefix(PREFIX)}. {_DEPLOY}")  # fmt: skip
            for name in (edge.provider, provider):
                told = self._told(consumer, provider, name)
                if not _meets(reached, consumer, provider, told, ports):
                    yield _problem(where, "closed-by-name",
                                   f"the name {name} leads to {', '.join(sorted(told)) or 'nothing'}, "
                                   "where it isn't reached.", _DEPLOY)  # fmt: skip

    def open(self) -> Iterator[Problem]:
        """Ways between two containers that no edge allows: others, the other way round, ports, addresses."""
        found: dict[tuple[str, str], list[Connection]] = defaultdict(list)
        for one in self.pairs.connections:
            if one.kind == "peer" and one.has_arrived and not self._may_meet(one):
                found[one.source, one.to].append(one)
        for (source, to), ways in found.items():
            shown = ", ".join(sorted({f"{one.address}:{one.port} ({one.result})" for one in ways}))
            yield _problem(f"{source} → {to}", "open", f"no need of a service allows it, and {shown} answered.",
                           f"Find the network that joins them and take one off it. {_LOOK}.")  # fmt: skip

    def told(self) -> Iterator[Problem]:
        """Names that a container should not learn an address for."""
        for (source, to, name), addresses in self._answers().items():
            if not to:
                continue  # a name of the world
            extra = addresses - self.meeting.get((source, to), set())
            if extra:
                yield _problem(f"{source} → {to}", "name", f"the name {name} tells it {', '.join(sorted(extra))}.",
                               f"Find the network that joins them and take one off it. {_LOOK}.")  # fmt: skip

    def links(self) -> Iterator[Problem]:
        """IPv6 beyond what a link has by itself, and interfaces that Podman didn't make."""
        for one in self.pairs.containers:
            for net, addresses in one.addresses.items():
                if not net:
                    yield _problem(f"container {one.name}", "link",
                                   f"it has an interface that Podman doesn't know of ({', '.join(addresses)}).",
                                   f"Remove the container and run the deploy again. {_LOOK}.")  # fmt: skip
                extra = [each for each in addresses if ":" in each and not each.startswith(LINK_LOCAL)]
                if net and extra:
                    yield _problem(f"container {one.name}", "family",
                                   f"it has {', '.join(extra)} on {net}, and no network of Garrison's has IPv6.",
                                   f"Remove the network; {_DEPLOY} {_LOOK}.")  # fmt: skip

    def _may_meet(self, one: Connection) -> bool:
        """Only the consumer begins, and only at a port that the provider has for it."""
        edge = self.edges.get((one.source, one.to))
        return (
            edge is not None
            and one.port in self.wanted.catalog.ports(edge)
            and one.address in self.meeting.get((one.source, one.to), set())
        )

    def _ports(self, edge: Edge) -> frozenset[int]:
        """The ports of which at least one has to be reached."""
        provider, door = self.wanted.catalog.services[edge.provider], self.wanted.catalog.door
        if door and edge.consumer == door.name and provider.route:
            return frozenset({provider.listen[provider.route.port]})
        return self.wanted.catalog.ports(edge)

    def _answers(self) -> dict[tuple[str, str, str], set[str]]:
        found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for one in self.pairs.names:
            found[one.source, one.to, one.name] |= set(one.addresses)
        return found

    def _told(self, source: str, to: str, name: str) -> set[str]:
        return self._answers().get((source, to, name), set())


def _meets(
    reached: set[tuple[str, str, str, int]], source: str, to: str, addresses: set[str], ports: frozenset[int]
) -> bool:
    return any((source, to, address, port) in reached for address in addresses for port in ports)


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
