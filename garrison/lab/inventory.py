"""What the inventory needs to know of the lab's hosts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from garrison.lab.furnish import SSH_USER
from garrison.lab.places import Places
from garrison.lab.state import LabState, Role, full_name


def describe_host(places: Places, state: LabState, host: str, certificates: Iterable[Path]) -> dict[str, Any]:
    """Return the host's data for pyinfra: how to reach it, how it is called, whom it must trust."""
    ipv4, ipv6 = str(state.ipv4(host)), str(state.ipv6(host))
    return {
        "ssh_hostname": ipv4,
        "ssh_user": SSH_USER,
        "ssh_key": str(places.ssh_key),
        "ssh_known_hosts_file": str(places.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "_sudo": True,
        "server_names": [full_name(host), ipv4, ipv6],
        "extra_ca_certificates": [str(path) for path in certificates],
    }


def describe_hosts(
    places: Places, state: LabState | None, certificates: Iterable[Path]
) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of each host a deploy is for, in the order of their names."""
    if state is None:
        return []
    paths = list(certificates)
    stack = sorted(name for name, host in state.hosts.items() if host.role is Role.STACK)
    return [(name, describe_host(places, state, name, paths)) for name in stack]
