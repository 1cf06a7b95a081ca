"""Kernel modules that nobody may load."""

from collections.abc import Iterator, Sequence

from garrison.controls.conditions import Module
from garrison.plan.hostfiles import HostFile
from garrison.plan.step import Command, Step
from garrison.snapshot.model import Snapshot

PATH = "/etc/modprobe.d/garrison.conf"
# Podman's storage driver: the control that wants it gone deviates, and nothing here may take it away.
KEPT = frozenset({"overlay"})


def module_files(conditions: Sequence[Module]) -> dict[str, HostFile]:
    """``install`` refuses who asks for a module by name, ``blacklist`` who asks for what it can do."""
    lines = ["# Garrison lays this file down; the next deploy undoes changes."]
    for name in _unwanted(conditions):
        lines += [f"install {name} /bin/false", f"blacklist {name}"]
    return {PATH: HostFile(mode=0o644, content=("\n".join(lines) + "\n").encode())}


def _unwanted(conditions: Sequence[Module]) -> list[str]:
    return sorted({each.name for each in conditions} - KEPT)


def plan_modules(snapshot: Snapshot, conditions: Sequence[Module]) -> Iterator[Step]:
    """Unloads what is loaded. What is in use stays, and the check says so: no deploy takes a disk away."""
    found = snapshot.host.modules if snapshot.host else {}
    loaded = [name for name in _unwanted(conditions) if (one := found.get(name)) and one.loaded]
    if loaded:
        names = " ".join(loaded)
        line = f'for one in {names}; do modprobe -q -r "$one" || echo "$one is in use"; done'
        yield Step(title=f"unload {', '.join(loaded)}", why="loaded", commands=(Command(line=line),))
