"""What each container should look like, read off the catalog and the release."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from garrison.catalog.model import Service
from garrison.catalog.secrets import keeps_proofs
from garrison.evidence.inspected import Inspected, inspect_containers
from garrison.plan.wanted import Wanted
from garrison.render.container import CLIENTS, DASHBOARDS
from garrison.render.model import RenderedService
from garrison.render.places import HOST_METRICS
from garrison.snapshot.model import Snapshot

NGINX = "/etc/garrison/nginx"
TLS = "/etc/garrison/tls"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A service as it is wanted beside its container as it is."""

    service: Service
    rendered: RenderedService
    found: Inspected

    @property
    def where(self) -> str:
        """How findings name the container."""
        return f"container {self.rendered.container}"


def pair_up(snapshot: Snapshot, wanted: Wanted) -> Iterator[Pair]:
    """Every wanted service whose container is there. Those that aren't are one check's finding, not every check's."""
    found = inspect_containers(snapshot)
    for name, rendered in wanted.release.services.items():
        if rendered.container in found:
            service = wanted.catalog.services[name]
            yield Pair(service=service, rendered=rendered, found=found[rendered.container])


def expected_binds(service: Service, rendered: RenderedService, home: str) -> dict[str, str]:
    """Source on the host by target in the container, for every read-only mount of ``service``."""
    folder = rendered.tree.folder(home)
    binds = {target: str(folder / file) for file, target in service.files.items()}
    if service.verifies_keys or keeps_proofs(service):
        binds[CLIENTS] = str(PurePosixPath(home) / "clients" / service.name)
    if service.host_metrics:
        binds[service.host_metrics] = str(HOST_METRICS)
    if service.dashboards:
        binds[service.dashboards] = str(folder / DASHBOARDS)
    if rendered.is_door:
        binds[NGINX] = str(folder / "nginx")
        binds[TLS] = str(PurePosixPath(home) / "tls")
    return binds


def expected_volumes(service: Service) -> dict[str, str]:
    """Name of the volume by target in the container."""
    return {target: f"garrison-{service.name}-{name}" for name, target in service.volumes.items()}
