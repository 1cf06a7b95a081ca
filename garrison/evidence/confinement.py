"""No container has a right that it doesn't need, by ``podman inspect`` and by ``/proc`` of its first process."""

from collections.abc import Iterator, Mapping

from garrison.evidence.expected import Pair, pair_up
from garrison.evidence.inspected import FirstProcess, HostConfig
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

ID = "containers-are-confined"
_REMEDY = "Somebody made this container by hand: podman rm -f it and run the deploy again."
_FILTERED = "2"
_NO_PRIVILEGES = "no-new-privileges"
# What every container has (OCI runtime specification, default devices), by number: a name says nothing.
# null, zero, full, random, urandom and tty; Podman lays null over files of /proc that nobody is to read.
_EVERYBODYS_DEVICES = frozenset({*(("c", 1, minor) for minor in (3, 5, 7, 8, 9)), ("c", 5, 0)})
_NAMESPACES = ("network_mode", "pid_mode", "ipc_mode", "uts_mode", "userns_mode", "cgroup_mode")

Finding = tuple[str, str]


def find_unconfined(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Rights beyond: one unprivileged user, no capability, a seccomp filter, a read-only root, its own namespaces."""
    return [
        Problem(where=pair.where, id=f"{ID}.{key}", what=what, remedy=_REMEDY)
        for pair in pair_up(snapshot, wanted)
        for key, what in (
            *_by_inspect(pair),
            *_by_proc(pair, _filters(snapshot.raw.get("init_status") or {})),
        )
    ]


def _by_inspect(pair: Pair) -> Iterator[Finding]:
    host = pair.found.host_config
    user = f"{pair.service.user}:{pair.service.user}"
    if pair.found.config.user != user:
        yield "user", f"it was started as user {pair.found.config.user or 'root'!r}, declared is {user}."
    if host.privileged:
        yield "privileged", "it is privileged."
    if not host.readonly_rootfs and pair.service.exceptions.writable_root is None:
        yield "root", "its root file system is writable, and service.yaml has no exception for it."
    if host.cap_add:
        yield "capabilities-added", f"capabilities were added: {', '.join(host.cap_add)}."
    weakened = [option for option in host.security_opt if option != _NO_PRIVILEGES]
    if weakened:
        yield "security-options", f"it has the security options {', '.join(weakened)}."
    if _NO_PRIVILEGES not in host.security_opt:
        yield "privileges", "it was started without no-new-privileges."
    yield from _shared_namespaces(host)


def _shared_namespaces(host: HostConfig) -> Iterator[Finding]:
    for field in _NAMESPACES:
        mode: str = getattr(host, field)
        if mode == "host" or mode.startswith(("container:", "ns:")):
            kind = field.removesuffix("_mode")
            yield f"{kind}-namespace", f"its {kind} namespace is {mode}, not its own."


def _filters(status: Mapping[str, str]) -> int:
    return int(status.get("Seccomp_filters", 0))


def _by_proc(pair: Pair, filters_of_host: int) -> Iterator[Finding]:
    process = pair.found.process
    if process is None:
        return  # a container that doesn't run is another check's finding
    if process.uids != {pair.service.user}:
        shown = (
            ", ".join(sorted("unmapped" if uid is None else str(uid) for uid in process.uids)) or "unknown"
        )
        yield "uid", f"its first process runs with uid {shown} inside, declared is {pair.service.user}."
    yield from _rights(process, filters_of_host)
    yield from _devices(process)


def _devices(process: FirstProcess) -> Iterator[Finding]:
    if process.devices is None:
        yield "devices", "which devices it has can't be read."
        return
    given = sorted(path for path, node in process.devices.items() if node not in _EVERYBODYS_DEVICES)
    if given:
        yield "devices", f"it has devices of the host: {', '.join(given)}."


def _rights(process: FirstProcess, filters_of_host: int) -> Iterator[Finding]:
    for key in ("CapEff", "CapBnd"):
        value = process.status.get(key, "unknown")
        if value.strip("0"):
            yield "capabilities", f"/proc says {key} {value}, not 0."
    if process.status.get("NoNewPrivs") != "1":
        yield "privileges-live", "/proc says that its first process can gain privileges (NoNewPrivs isn't 1)."
    if process.status.get("Seccomp") != _FILTERED:
        found = process.status.get("Seccomp", "unknown")
        yield "seccomp", f"/proc says Seccomp {found}, not {_FILTERED}: no filter is in force."
    elif _filters(process.status) <= filters_of_host:
        # A host that is itself a container filters all its processes, so that Seccomp alone says nothing there.
        yield "seccomp", "no seccomp filter is in force beyond the one that all processes of the host have."
