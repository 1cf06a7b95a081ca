"""What every container is given, whether podman-compose or systemd starts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from garrison.catalog.catalog import PREFIX, Catalog, Network
from garrison.catalog.images import ImagePlan
from garrison.catalog.model import HttpHealth, Service
from garrison.catalog.secrets import keeps_proofs
from garrison.catalog.tracing import RATIO
from garrison.catalog.walls import wall_of
from garrison.render.model import ConfigTree, SecretMount
from garrison.render.places import HOST_METRICS
from garrison.settings import HostSettings

CONTROLLERS = frozenset({"cpu", "memory", "pids"})
CLIENTS = "/run/clients"
PROOFS = f"{CLIENTS}/proofs"
# The folder in the tree of the service that shows them.
DASHBOARDS = "dashboards"
_TMPFS = "rw,noexec,nosuid,nodev,size=64m,mode=1777"


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A path of the host, read-only in the container."""

    source: PurePosixPath
    target: str


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container to be, with everything that was derived for it."""

    service: Service
    image: ImagePlan
    networks: tuple[Network, ...]
    environment: Mapping[str, str]
    secrets: tuple[SecretMount, ...]
    tree: ConfigTree
    mounts: tuple[Mount, ...]
    volumes: Mapping[str, str]
    limits: Mapping[str, str | float | int]
    wall: str

    @property
    def name(self) -> str:
        """What Podman calls it."""
        return f"{PREFIX}-{self.service.name}"

    @property
    def user(self) -> str:
        """User and group; a service has a group of its own number."""
        return f"{self.service.user}:{self.service.user}"

    @property
    def tmpfs(self) -> tuple[str, ...]:
        """The writable paths, as Podman's --tmpfs takes them."""
        return tuple(f"{path}:{_TMPFS}" for path in self.service.writable)

    @property
    def is_read_only(self) -> bool:
        """False only for a service that says why its root must be writable."""
        return self.service.exceptions.writable_root is None

    @property
    def probe(self) -> tuple[str, ...]:
        """The command that asks for its health from inside."""
        return probe_command(self.service)


def plan_container(
    catalog: Catalog,
    service: Service,
    settings: HostSettings,
    image: ImagePlan,
    tree: ConfigTree,
    delegated: frozenset[str],
) -> Container:
    """Derives what ``service`` is given. ``delegated`` are the cgroup controllers that the host grants."""
    return Container(
        service=service,
        image=image,
        networks=catalog.networks_of(service.name),
        environment=_environment(catalog, service, settings),
        secrets=tuple(
            SecretMount(name=secret, uid=service.user, gid=service.user)
            for secret in catalog.secrets_of(service.name)
        ),
        tree=tree,
        mounts=_mounts(service, settings, tree),
        volumes={f"{PREFIX}-{service.name}-{name}": path for name, path in service.volumes.items()},
        limits=_limits(service, delegated),
        wall=wall_of(catalog, service.name),
    )


def _environment(catalog: Catalog, service: Service, settings: HostSettings) -> dict[str, str]:
    sampling = {RATIO: f"{settings.trace_ratio:g}"} if service in catalog.traced else {}
    return sampling | catalog.environment_of(service.name)


def probe_command(service: Service) -> tuple[str, ...]:
    """The command inside the container that succeeds when ``service`` is healthy."""
    health = service.health
    if not isinstance(health, HttpHealth):
        return health.exec
    url = f"http://127.0.0.1:{service.listen[health.port]}{health.http}"
    clients = {
        "python": ("/opt/venv/bin/python", "-m", "garrison_kit.probe", url),
        "curl": ("curl", "-fsS", "-o", "/dev/null", "--max-time", "4", url),
        "wget": ("wget", "-q", "-O", "/dev/null", "-T", "4", url),
    }
    return clients[health.via]


def _mounts(service: Service, settings: HostSettings, tree: ConfigTree) -> tuple[Mount, ...]:
    folder = tree.folder(settings.stack_home)
    mounts = [Mount(source=folder / file, target=path) for file, path in sorted(service.files.items())]
    if service.verifies_keys or keeps_proofs(service):
        clients = PurePosixPath(settings.stack_home) / "clients" / service.name
        mounts.append(Mount(source=clients, target=CLIENTS))
    if service.dashboards:
        mounts.append(Mount(source=folder / DASHBOARDS, target=service.dashboards))
    if service.host_metrics:
        mounts.append(Mount(source=HOST_METRICS, target=service.host_metrics))
    return tuple(mounts)


def _limits(service: Service, delegated: frozenset[str]) -> dict[str, str | float | int]:
    limits: dict[str, tuple[str, str | float | int]] = {
        "memory": ("memory", service.limits.memory),
        "cpus": ("cpu", service.limits.cpus),
        "pids": ("pids", service.limits.pids),
    }
    return {name: value for name, (controller, value) in limits.items() if controller in delegated}
