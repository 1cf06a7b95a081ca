"""No container sees a file of the host, or can write to a place, that its service doesn't declare."""

from collections.abc import Iterator

from garrison.evidence.expected import Pair, expected_binds, expected_volumes, pair_up
from garrison.evidence.inspected import Mount
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

ID = "mounts-are-the-declared-ones"
_REMEDY = "Remove the container and run the deploy again; what it needs belongs into its service.yaml."
_OWN = frozenset({"private", "rprivate"})


def find_mounts(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Mounts and writable places beyond the declared ones, sockets, and mounts that pass changes on."""
    return [
        Problem(where=pair.where, id=f"{ID}.{key}", what=what, remedy=_REMEDY)
        for pair in pair_up(snapshot, wanted)
        for key, what in (*_mounts(pair, wanted.settings.stack_home), *_writable(pair))
    ]


def _mounts(pair: Pair, home: str) -> Iterator[tuple[str, str]]:
    binds = expected_binds(pair.service, pair.rendered, home)
    volumes = expected_volumes(pair.service)
    for mount in pair.found.mounts:
        shown = f"{mount.name or mount.source} at {mount.destination}"
        if mount.is_socket or mount.source.endswith(".sock") or "/podman/" in mount.source:
            yield "socket", f"it has a socket of the host: {shown}."
        elif not _is_declared(mount, binds, volumes):
            yield "undeclared", f"it has the undeclared {mount.type} mount {shown}."
        elif mount.type == "bind" and mount.rw:
            yield "writable", f"it can write to the host: {shown}."
        if mount.propagation not in _OWN:
            yield "propagation", f"mounts are passed on ({mount.propagation}): {shown}."


def _is_declared(mount: Mount, binds: dict[str, str], volumes: dict[str, str]) -> bool:
    if mount.type == "volume":
        return volumes.get(mount.destination) == mount.name
    return mount.type == "bind" and binds.get(mount.destination) == mount.source


def _writable(pair: Pair) -> Iterator[tuple[str, str]]:
    for path in sorted(set(pair.found.host_config.tmpfs) - set(pair.service.writable)):
        yield "tmpfs", f"{path} is writable, and 'writable' in service.yaml doesn't name it."
