"""What Podman says of itself, and what rootless containers stand on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen

INFO = "podman info"
# Those of containers-common for a container that asks for nothing.
DEFAULT_CAPABILITIES = frozenset(
    f"CAP_{name}"
    for name in (
        *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
DEFAULT_FILTER = "/usr/share/containers/seccomp.json"
CONTROLLERS = frozenset({"cpu", "memory", "pids"})


def engine(seen: Seen, *keys: str) -> Any:
    """What ``podman info`` says at ``keys``; None when it says nothing."""
    found: Any = seen.host.engine if seen.host else None
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


@judges("engine-is-rootless")
def judge_rootless(seen: Seen) -> Iterator[Found]:
    """Podman as the stack user runs without root."""
    rootless = engine(seen, "host", "security", "rootless")
    if rootless is None:
        yield unseen(INFO, "it gave no answer as the stack user.")
    elif not rootless:
        yield Found(where=INFO, what="it runs as root.")


@judges("user-namespaces-are-available")
def judge_namespaces(seen: Seen) -> Iterator[Found]:
    """Neither of the two switches that hardening guides turn is off. The second is Debian's own."""
    for key, is_optional in (("user.max_user_namespaces", False), ("kernel.unprivileged_userns_clone", True)):
        value = seen.host.sysctl.get(key) if seen.host else None
        if value is None and not is_optional:
            yield unseen(f"sysctl {key}")
        elif value == "0":
            yield Found(where=f"sysctl {key}", what="it is 0: no user namespace can be made.")


@judges("controllers-are-delegated")
def judge_controllers(seen: Seen) -> Iterator[Found]:
    """The kernel's second version of control groups, and what limits need of it in the stack user's hands."""
    version = engine(seen, "host", "cgroupVersion")
    if version is None:
        yield unseen(INFO, "it gave no answer as the stack user.")
    elif version != "v2":
        yield Found(where=INFO, what=f"the control groups are {version}, not v2.")
    missing = CONTROLLERS - set(seen.snapshot.account.controllers)
    if missing:
        what = f"the controllers {', '.join(sorted(missing))} aren't delegated to it."
        yield Found(where=f"user {seen.wanted.settings.stack_user}", what=what)


@judges("storage-is-native-overlay")
def judge_storage(seen: Seen) -> Iterator[Found]:
    """Neither copies of whole images nor a file system in user space."""
    driver = engine(seen, "store", "graphDriverName")
    if driver is None:
        yield unseen(INFO, "it gave no answer as the stack user.")
    elif driver != "overlay":
        yield Found(where=INFO, what=f"the storage driver is {driver}, not overlay.")
    elif engine(seen, "store", "graphStatus", "Native Overlay Diff") != "true":
        yield Found(where=INFO, what="its overlay isn't the kernel's own.")


@judges("engine-defaults-are-safe")
def judge_defaults(seen: Seen) -> Iterator[Found]:
    """Capabilities, filter and log of a container that asks for nothing."""
    security = engine(seen, "host", "security")
    if not isinstance(security, Mapping):
        yield unseen(INFO, "it gave no answer as the stack user.")
        return
    capabilities = security.get("capabilities")
    if not isinstance(capabilities, str):
        yield unseen(INFO, "it doesn't tell which capabilities it gives containers by default.")
        return
    given = {word for word in capabilities.split(",") if word}
    if extra := sorted(given - DEFAULT_CAPABILITIES):
        yield Found(where=INFO, what=f"it gives containers {', '.join(extra)} by default.")
    profile = security.get("seccompProfilePath")
    if not security.get("seccompEnabled") or profile != DEFAULT_FILTER:
        yield Found(where=INFO, what=f"its seccomp filter is {profile or 'none'}, not {DEFAULT_FILTER}.")
    if (driver := engine(seen, "host", "logDriver")) != "journald":
        yield Found(where=INFO, what=f"containers log by {driver}, not by journald.")


@judges("low-ports-are-kept")
def judge_low_ports(seen: Seen) -> Iterator[Found]:
    """No lower than the kernel's own default, or the door's lowest port where the catalog says so."""
    key = "net.ipv4.ip_unprivileged_port_start"
    value = seen.host.sysctl.get(key) if seen.host else None
    if value is None:
        yield unseen(f"sysctl {key}")
        return
    lowest = min([1024, *_door_ports(seen)])
    if int(value) < lowest:
        what = f"every user may bind ports from {value}; nothing needs one below {lowest}."
        yield Found(where=f"sysctl {key}", what=what)


def _door_ports(seen: Seen) -> Sequence[int]:
    door = seen.wanted.catalog.door
    return (door.door.http, door.door.https) if door and door.door else ()
