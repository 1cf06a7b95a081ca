"""The record that the collector fills: what was on a host at one moment."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from garrison.snapshot.guards import GuardState
from garrison.snapshot.host_model import HostFacts
from garrison.snapshot.record import FileState as FileState
from garrison.snapshot.record import Found


def _none_is_empty(value: Any) -> Any:
    return {} if value is None else value


Labels = Annotated[dict[str, str], BeforeValidator(_none_is_empty)]


class Account(Found):
    """The stack user; ``controllers`` are the cgroup controllers delegated to its systemd."""

    exists: bool
    uid_holder: str | None = None
    uid: int | None = None
    home: str | None = None
    shell: str | None = None
    home_file: FileState | None = None
    linger: bool = False
    bus: bool = False
    subuid: tuple[int, int] | None = None
    subgid: tuple[int, int] | None = None
    controllers: tuple[str, ...] = ()


class Listener(Found):
    """A listening socket of the host's own network namespace."""

    protocol: str
    address: str
    port: int
    process: str | None = None
    uid: int

    @property
    def is_loopback(self) -> bool:
        return self.address.startswith("127.") or self.address == "::1"

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.protocol} {address}:{self.port}"


class ContainerHealth(Found):
    status: str = Field(alias="Status", default="")


class ContainerState(Found):
    status: str = Field(alias="Status")
    pid: int = Field(alias="Pid", default=0)
    started: datetime | None = Field(alias="StartedAt", default=None)
    health: ContainerHealth | None = Field(alias="Health", default=None)


class PortBinding(Found):
    port: str = Field(alias="HostPort", default="")


class ContainerHost(Found):
    bindings: Annotated[dict[str, tuple[PortBinding, ...] | None], BeforeValidator(_none_is_empty)] = Field(
        alias="PortBindings", default={}
    )


class ContainerConfig(Found):
    labels: Labels = Field(alias="Labels", default={})


class Container(Found):
    """A container of the stack user; ``raw`` keeps all that ``podman inspect`` said."""

    name: str = Field(alias="Name")
    image_id: str = Field(alias="Image")
    image_name: str = Field(alias="ImageName")
    created: datetime = Field(alias="Created")
    state: ContainerState = Field(alias="State")
    host: ContainerHost = Field(alias="HostConfig", default_factory=lambda: ContainerHost())
    config: ContainerConfig = Field(alias="Config")

    @property
    def service(self) -> str | None:
        return self.config.labels.get("garrison.service")

    @property
    def published(self) -> frozenset[int]:
        """The host's ports that it holds while it runs."""
        pairs = (binding for several in self.host.bindings.values() for binding in several or ())
        return frozenset(int(one.port) for one in pairs if one.port)

    @property
    def config_digest(self) -> str | None:
        return self.config.labels.get("garrison.config-digest")

    @property
    def health(self) -> str:
        """``healthy``, ``unhealthy``, ``starting``, or empty when there is no health check."""
        return self.state.health.status if self.state.health else ""

    @property
    def is_running(self) -> bool:
        return self.state.status == "running"


class Network(Found):
    name: str
    internal: bool = False
    labels: Labels = Field(default={})
    options: Labels = Field(default={})


class SecretSpec(Found):
    name: str = Field(alias="Name")
    labels: Labels = Field(alias="Labels", default={})


class Secret(Found):
    """Name and time of a Podman secret; its value never leaves the host."""

    id: str = Field(alias="ID")
    updated: datetime = Field(alias="UpdatedAt")
    spec: SecretSpec = Field(alias="Spec")


class Unit(Found):
    id: str = Field(alias="Id")
    active: str = Field(alias="ActiveState")
    sub: str = Field(alias="SubState", default="")
    enabled: str = Field(alias="UnitFileState", default="")


class UserNamespaces(Found):
    max: int | None = None
    unprivileged_clone: int | None = None


class Disk(Found):
    """Bytes; ``mount`` is the mount options and the file system type."""

    free: int
    total: int
    mount: str | None = None


class Lock(Found):
    """Who deploys right now; the record is written by the lock's holder."""

    who: str
    since: str
    run: str


class DoorCertificates(Found):
    """What lies where the door reads its certificates: chains in PEM by kind, and where they are from.

    ``unproven``: a change of them was begun, and the door hasn't shown them yet.
    """

    source: str | None = None
    chains: dict[str, str] = Field(default={})
    unproven: bool = False


class Snapshot(Found):
    """One look at one host. A list that is None couldn't be read (no Podman yet), which isn't the same as empty.

    ``host`` is None when the question had no ``host`` in it.
    """

    euid: int
    os: dict[str, str]
    architecture: str
    python: str
    time: float
    init: str
    virtualization: str
    memory: int | None
    disk: Disk
    user_namespaces: UserNamespaces
    ipv6: bool
    controllers: tuple[str, ...]
    account: Account
    packages: dict[str, str]
    files: dict[str, FileState | None]
    trees: dict[str, dict[str, FileState | None] | None]
    current: FileState | None
    certificates: DoorCertificates = DoorCertificates()
    lock: Lock | None
    guards: GuardState = GuardState()
    generation: str
    proven: frozenset[str] = frozenset()
    unnoted: bool = False
    listeners: tuple[Listener, ...] | None
    containers: tuple[Container, ...] | None = None
    networks: tuple[Network, ...] | None = None
    secrets: tuple[Secret, ...] | None = None
    images: str | None = None
    user_units: dict[str, Unit] | None = None
    host: HostFacts | None = None
    raw: dict[str, Any] = Field(default={})

    @classmethod
    def parse(cls, document: dict[str, Any]) -> "Snapshot":
        """The record of one collector run; raises pydantic.ValidationError for anything else."""
        return cls.model_validate({**document, "raw": document})

    def container(self, service: str) -> Container | None:
        """The container of a service, by its label."""
        return next((found for found in self.containers or () if found.service == service), None)

    @property
    def image_names(self) -> frozenset[str]:
        """References of the images in the stack user's storage, with tag and with digest."""
        names: set[str] = set()
        for line in (self.images or "").splitlines():
            _, name, digest = line.split(" ")
            names |= {name, f"{name.rpartition(':')[0]}@{digest}"}
        return frozenset(names)

    @property
    def secret_times(self) -> dict[str, datetime]:
        return {secret.spec.name: secret.updated for secret in self.secrets or ()}
