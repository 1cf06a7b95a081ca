"""Kernel modules that nobody may load."""

from collections.abc import Sequence

from garrison.controls.applies import FACTS
from garrison.controls.conditions import Module
from garrison.plan.hostfiles import HostFile
from garrison.snapshot.model import Snapshot

PATH = "/etc/modprobe.d/garrison.conf"
# Podman's storage driver: the control that wants it gone deviates, and nothing here may take it away.
KEPT = frozenset({"overlay"})


def modules_in_use(snapshot: Snapshot) -> frozenset[str]:
    """What this host's own kernel has loaded: its next boot may need it, and a person decides.

    In a container it is the machine around it that has loaded them.
    """
    if snapshot.host is None or FACTS["own-kernel"].holds(snapshot) is not True:
        return frozenset()
    return frozenset(name for name, one in snapshot.host.modules.items() if one.loaded)


def module_files(conditions: Sequence[Module], in_use: frozenset[str] = frozenset()) -> dict[str, HostFile]:
    """``install`` refuses who asks for a module by name, ``blacklist`` who asks for what it can do."""
    lines = ["# Garrison lays this file down; the next deploy undoes changes."]
    for name in sorted({each.name for each in conditions} - KEPT - in_use):
        lines += [f"install {name} /bin/false", f"blacklist {name}"]
    return {PATH: HostFile(mode=0o644, content=("\n".join(lines) + "\n").encode())}
