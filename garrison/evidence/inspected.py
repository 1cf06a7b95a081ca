"""The part of ``podman inspect`` that the checks read, and what ``/proc`` said about each first process."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from garrison.snapshot.model import Snapshot


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, alias_generator=to_pascal)


# Podman writes null for every empty list and mapping.
Words = Annotated[tuple[str, ...], BeforeValidator(lambda value: value or ())]
Texts = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]


class HealthCheck(_Said):
    test: Words = ()


class Config(_Said):
    user: str = ""
    healthcheck: HealthCheck | None = None


class Binding(_Said):
    host_ip: str = ""
    host_port: str = ""


class Named(_Said):
    name: str = ""


class LogConfig(_Said):
    type: str = ""


Bindings = Annotated[dict[str, tuple[Binding, ...] | None], BeforeValidator(lambda value: value or {})]


class HostConfig(_Said):
    privileged: bool = False
    readonly_rootfs: bool = False
    cap_add: Words = ()
    security_opt: Words = ()
    network_mode: str = ""
    pid_mode: str = ""
    ipc_mode: str = ""
    uts_mode: str = Field(alias="UTSMode", default="")
    userns_mode: str = ""
    cgroup_mode: str = ""
    memory: int = 0
    nano_cpus: int = 0
    pids_limit: int = 0
    tmpfs: Texts = {}
    port_bindings: Bindings = {}
    restart_policy: Named = Named()
    log_config: LogConfig = LogConfig()


class Mount(_Said):
    """``name`` is that of a volume; a bind has none. ``is_socket``: what lies at its source on the host is one."""

    type: str
    name: str = ""
    source: str = ""
    destination: str
    rw: bool = Field(alias="RW", default=True)
    propagation: str = ""
    is_socket: bool = Field(alias="IsSocket", default=False)


Joined = Annotated[dict[str, Any], BeforeValidator(lambda value: value or {})]


class NetworkSettings(_Said):
    """The networks that a container is on, by name."""

    networks: Joined = {}


Mounts = Annotated[tuple[Mount, ...], BeforeValidator(lambda value: value or ())]


class FileInside(BaseModel):
    """Mode and owner of a file as the container's own user namespace has them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    sha256: str | None = None


class FirstProcess(BaseModel):
    """``status`` is from /proc/PID/status; each row of ``uid_map`` is first id inside, first outside, count.

    ``models`` are the files in /models, or None where nobody looked: they may be many gigabytes.
    ``devices`` are those that it sees, by their path: c or b, major and minor; None where that couldn't be read.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    status: dict[str, str] = {}
    secrets: dict[str, FileInside | None] = {}
    models: dict[str, FileInside | None] | None = None
    devices: dict[str, tuple[str, int, int]] | None = None
    uid_map: tuple[tuple[int, int, int], ...] = ()

    @property
    def uids(self) -> frozenset[int | None]:
        """Real, effective, saved and file system uid as seen inside; None stands for one that isn't mapped."""
        return frozenset(self._inside(int(word)) for word in self.status.get("Uid", "").split())

    def _inside(self, outer: int) -> int | None:
        for inside, outside, count in self.uid_map:
            if outside <= outer < outside + count:
                return outer - outside + inside
        return None


class Inspected(_Said):
    """One container, with ``process`` None when it doesn't run."""

    id: str = ""
    name: str
    image: str
    image_name: str
    mounts: Mounts = ()
    config: Config = Config()
    host_config: HostConfig = HostConfig()
    network_settings: NetworkSettings = NetworkSettings()
    process: FirstProcess | None = None


def inspect_containers(snapshot: Snapshot) -> dict[str, Inspected]:
    """Every container that the snapshot holds, by name; raises pydantic.ValidationError for an odd record."""
    records = [Inspected.model_validate(record) for record in snapshot.raw.get("containers") or ()]
    return {record.name: record for record in records}
