"""The loaded catalog and what follows from it: order, edges, networks, secrets."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from garrison.catalog import embedding, secrets, tracing, weights
from garrison.catalog.checks.selection import check_profiles, check_selection
from garrison.catalog.model import Service
from garrison.catalog.source import Source

PREFIX = "garrison"


@dataclass(frozen=True, kw_only=True, order=True)
class Edge:
    """``consumer`` may speak to ``provider``: it needs it, the door leads there, it scrapes it or sends it spans."""

    consumer: str
    provider: str


@dataclass(frozen=True, kw_only=True, order=True)
class Network:
    """One Podman network and the services on it; ``internal`` means that it has no way out."""

    name: str
    members: tuple[str, ...]
    internal: bool = True


@dataclass(frozen=True)
class Catalog:
    """Every service by name, in the order of the names. Made by ``load_catalog``, which checks it."""

    services: Mapping[str, Service]
    sources: Mapping[str, Source]

    def folder(self, name: str) -> Path:
        """The folder that service ``name`` was read from."""
        return self.sources[name].path.parent

    def weights_of(self, name: str) -> Mapping[str, str]:
        """SHA-256 of each file of the models of ``name``, by its path in the container."""
        models = self.services[name].models
        if models is None:
            return {}
        found = weights.read_weights(self.folder(name) / models)
        return {f"{weights.FOLDER}/{file}": digest for file, digest in found.items()}

    @property
    def door(self) -> Service | None:
        """The one service that is reached from outside the host, if the catalog has it."""
        return next((service for service in self.services.values() if service.door), None)

    @property
    def routed(self) -> tuple[Service, ...]:
        """The services that the door leads to, by name."""
        return tuple(service for service in self.services.values() if service.route)

    def consumers(self, name: str) -> tuple[Service, ...]:
        """The services that need ``name``, by name. The door is none of them unless it says so."""
        return tuple(service for service in self.services.values() if name in service.needs)

    @property
    def scraper(self) -> Service | None:
        """The one service that collects the metrics of the others, if the catalog has it."""
        return next((service for service in self.services.values() if service.scrapes), None)

    @property
    def notifier(self) -> Service | None:
        """The one service that tells people of alerts, if the catalog has it."""
        return next((service for service in self.services.values() if service.notifies), None)

    @property
    def viewer(self) -> Service | None:
        """The one service that shows the dashboards, if the catalog has it."""
        return next((service for service in self.services.values() if service.dashboards), None)

    @property
    def measures_host(self) -> bool:
        """Whether a service shows what the host's programs measure."""
        return any(service.host_metrics for service in self.services.values())

    @property
    def scraped(self) -> tuple[Service, ...]:
        """The services that have metrics, by name; the scraper has its own among them."""
        return tuple(service for service in self.services.values() if service.metrics)

    @property
    def collector(self) -> Service | None:
        """The one service that takes the spans of the others, if the catalog has it."""
        return tracing.collector(self.services)

    @property
    def traced(self) -> tuple[Service, ...]:
        """The services that send spans, by name; none where nobody takes them."""
        return tracing.senders(self.services)

    def edges(self) -> tuple[Edge, ...]:
        """Every pair that may speak, sorted; no other pair can."""
        return tuple(sorted({*self.dependencies(), *self._scrapes(), *self._exports()}))

    def ports(self, edge: Edge) -> frozenset[int]:
        """The ports of its provider at which the consumer of ``edge`` may begin: all of those of a need."""
        provider = self.services[edge.provider]
        names = set(provider.listen) if edge in self.dependencies() else set()
        if provider.metrics and edge in self._scrapes():
            names.add(provider.metrics.port)
        if provider.takes_spans and edge in self._exports():
            names.add(provider.takes_spans)
        return frozenset(provider.listen[name] for name in names)

    def _scrapes(self) -> set[Edge]:
        name = self.scraper.name if self.scraper else None
        return {Edge(consumer=name, provider=one.name) for one in self.scraped if name and one.name != name}

    def _exports(self) -> set[Edge]:
        name = self.collector.name if self.collector else None
        return {Edge(consumer=one.name, provider=name) for one in self.traced if name}

    def dependencies(self) -> tuple[Edge, ...]:
        """The pairs of which the provider starts first, sorted: needs and routes. Scrapes and spans wait for nobody."""
        pairs = {(service.name, need) for service in self.services.values() for need in service.needs}
        if self.door:
            pairs |= {(self.door.name, service.name) for service in self.routed if not service.door}
        return tuple(Edge(consumer=consumer, provider=provider) for consumer, provider in sorted(pairs))

    def networks(self) -> tuple[Network, ...]:
        """One network for each edge, one for each way out, and one for each published service on no edge."""
        found = [
            Network(name=f"{PREFIX}-{edge.consumer}--{edge.provider}", members=(edge.consumer, edge.provider))
            for edge in self.edges()
        ]
        connected = {member for network in found for member in network.members}
        for service in self.services.values():
            if service.egress:
                found.append(
                    Network(name=f"{PREFIX}-{service.name}--egress", members=(service.name,), internal=False)
                )
            elif service.name not in connected and (service.publish or service.door):
                found.append(Network(name=f"{PREFIX}-{service.name}", members=(service.name,)))
        return tuple(sorted(found))

    def networks_of(self, name: str) -> tuple[Network, ...]:
        """The networks that ``name`` is on, by name. Empty means that it has no network at all."""
        return tuple(network for network in self.networks() if name in network.members)

    def order(self) -> tuple[str, ...]:
        """Every name after all the names it needs; the door last; otherwise alphabetical."""
        placed: list[str] = []
        waiting = set(self.services)
        door = self.door.name if self.door else None
        while waiting:
            ready = {name for name in waiting if not waiting & set(self.services[name].needs)}
            first = min(ready - {door} or ready)
            placed.append(first)
            waiting.remove(first)
        return tuple(placed)

    def secrets_of(self, name: str) -> tuple[str, ...]:
        """The names of the secrets mounted into ``name``, sorted, with those of its credentials."""
        return secrets.mounted_in(self.services, self.door, self.services[name])

    def holders_of(self, name: str) -> tuple[str, ...]:
        """The services that hold a credential for ``name``, the door among them where it leads there."""
        return secrets.holders(self.services, self.door, self.services[name])

    def environment_of(self, name: str) -> dict[str, str]:
        """What ``name`` finds in its environment: what its file says, the model of its vectors, where spans go."""
        service = self.services[name]
        where = tracing.environment_of(self.services, service)
        return where | embedding.environment_of(self.services, service)

    def generated_secrets(self) -> tuple[str, ...]:
        """The names of the random secrets that must exist on the host, sorted."""
        defined = {name for service in self.services.values() for name in service.defines}
        return tuple(sorted({*self.credentials(), *defined}))

    def credentials(self) -> tuple[str, ...]:
        """The names of those secrets by which services ask one another, sorted."""
        return tuple(sorted(secrets.derived(self.services, self.door)))

    def rotatable(self) -> tuple[str, ...]:
        """The names of the secrets that get a new value while the services go on, sorted."""
        own = {name for service in self.services.values() for name in service.renewable}
        return tuple(sorted({*self.credentials(), *own}))

    @property
    def digest(self) -> str:
        """SHA-256 over what every service file says, however it is written down."""
        said = {name: service.model_dump(mode="json") for name, service in self.services.items()}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def select(self, profiles: Iterable[str]) -> "Catalog":
        """The part of the catalog that ``profiles`` choose.

        Raises ProblemError for a profile that no service has, and for what is incomplete without
        the rest: a service whose need is left out, routes without a door.
        """
        wanted = set(profiles)
        check_profiles(self, wanted)
        names = [name for name, service in self.services.items() if wanted & set(service.profiles)]
        chosen = Catalog(
            services={name: self.services[name] for name in names},
            sources={name: self.sources[name] for name in names},
        )
        check_selection(self, chosen)
        return chosen
