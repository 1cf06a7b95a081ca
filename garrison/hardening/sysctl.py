"""The kernel's settings: a file that holds from the next boot on, and what of it is set right away."""

from collections.abc import Iterator, Sequence

from garrison.controls.applies import FACTS
from garrison.controls.conditions import Sysctl
from garrison.plan.hostfiles import HostFile
from garrison.plan.step import Command, Step, sh
from garrison.snapshot.model import Snapshot

PATH = "/etc/sysctl.d/90-garrison.conf"
CONTAINER_PATH = "/etc/systemd/system/systemd-sysctl.service.d/50-garrison.conf"
# In a container all that isn't of the network belongs to the machine around it, which a reboot here mustn't change.
_NETWORK_ONLY = b"""# Garrison lays this file down; the next deploy undoes changes.
[Service]
ExecStart=
ExecStart=/usr/lib/systemd/systemd-sysctl --prefix=/net
"""
_ALL = ("net.ipv4.conf.all.", "net.ipv6.conf.all.")


def sysctl_files(conditions: Sequence[Sysctl], *, in_container: bool) -> dict[str, HostFile]:
    """The file of settings, and in a container what keeps a boot from setting the machine around it."""
    files = {PATH: HostFile(mode=0o644, content=_render(conditions))}
    if in_container:
        files[CONTAINER_PATH] = HostFile(mode=0o644, content=_NETWORK_ONLY, reloads="manager")
    return files


def _render(conditions: Sequence[Sysctl]) -> bytes:
    lines = ["# Garrison lays this file down; the next deploy undoes changes."]
    lines += [f"{key} = {value}" for key, value in _in_order(conditions)]
    return ("\n".join(lines) + "\n").encode()


def _in_order(conditions: Sequence[Sysctl]) -> list[tuple[str, str]]:
    """Interfaces that are there already first: what holds for ``all`` is not always what holds for each of them.

    accept_redirects of an interface counts beside that of all, and the greater rp_filter of both wins.
    """
    values = {condition.key: condition.value for condition in conditions}
    each = {
        key.replace(".conf.all.", ".conf.*."): value
        for key, value in values.items()
        if key.startswith(_ALL) and not key.endswith(".forwarding")
    }
    # Switching forwarding makes the kernel set accept_redirects anew, so that comes first.
    forwarding = {key: value for key, value in values.items() if "forward" in key}
    return list((forwarding | dict(sorted(each.items())) | dict(sorted(values.items()))).items())


def plan_sysctl(snapshot: Snapshot, conditions: Sequence[Sysctl]) -> Iterator[Step]:
    """Sets all anew where the kernel has one otherwise, for one can change another; in a container the network's."""
    own_kernel = FACTS["own-kernel"].holds(snapshot) is True
    found = snapshot.host.sysctl if snapshot.host else {}
    settable = {
        each: value.split()
        for each in conditions
        if (own_kernel or each.key.startswith("net.")) and (value := found.get(each.key)) is not None
    }
    different = [each.key for each, value in settable.items() if value != each.value.split()]
    if different:
        words = [f"{key}={value}" for key, value in _in_order(list(settable)) if "*" not in key]
        yield Step(
            title="set the kernel's settings",
            why=f"different: {', '.join(different)}",
            commands=(*_each_interface(list(settable)), sh("sysctl", "-q", "-w", *words)),
        )


def _each_interface(settable: Sequence[Sysctl]) -> Iterator[Command]:
    for key, value in _in_order(settable):
        if "*" in key:
            path = f"/proc/sys/{key.replace('.', '/')}"
            # An interface may be gone in between, and a kernel may not have the setting for each.
            yield Command(line=f'for one in {path}; do [ ! -e "$one" ] || echo {value} >"$one"; done')
