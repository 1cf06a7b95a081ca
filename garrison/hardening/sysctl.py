"""The kernel's settings: a file that holds from the next boot on, and what of it is set right away."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from garrison.controls.applies import FACTS
from garrison.controls.conditions import Sysctl
from garrison.controls.interfaces import find_uneven
from garrison.plan.guarded import SECONDS, guarded
from garrison.plan.hostfiles import HostFile
from garrison.plan.step import Command, Step, lay_bytes, sh
from garrison.snapshot.model import Snapshot

PATH = "/etc/sysctl.d/90-garrison.conf"
CONTAINER_PATH = "/etc/systemd/system/systemd-sysctl.service.d/50-garrison.conf"
# In a container all that isn't of the network belongs to the machine around it, which a reboot here mustn't change.
_NETWORK_ONLY = b"""# Garrison lays this file down; the next deploy undoes changes.
[Service]
ExecStart=
ExecStart=/usr/lib/systemd/systemd-sysctl --prefix=/net
"""
# A unit of the name under which ComplianceAsCode looks for it; interfaces that come late, and what the network's own
# scripts set, are the reason for it.
AGAIN = "sysctl-reapply-network.service"
_AGAIN = b"""# Garrison lays this file down; the next deploy undoes changes.
[Unit]
Description=Garrison: set the network's settings again once it is up
After=network-online.target systemd-sysctl.service

[Service]
Type=oneshot
ExecStart=/usr/lib/systemd/systemd-sysctl --prefix=/net

[Install]
WantedBy=multi-user.target
"""
_NOTED = "/run/garrison-sysctl/before"
_ADVERTISED = frozenset({"net.ipv6.conf.all.accept_ra", "net.ipv6.conf.default.accept_ra"})
_ALL = ("net.ipv4.conf.all.", "net.ipv6.conf.all.")


def settings_withheld(snapshot: Snapshot) -> frozenset[str]:
    """Keys that would cut this host off: it takes no more advertisements, and by one it has its way out."""
    return _ADVERTISED if snapshot.host and snapshot.host.advertised_route else frozenset()


def sysctl_files(
    conditions: Sequence[Sysctl], *, in_container: bool, withheld: frozenset[str] = frozenset()
) -> dict[str, HostFile]:
    """The file of settings, and in a container what keeps a boot from setting the machine around it."""
    content = _render([each for each in conditions if each.key not in withheld])
    files = {PATH: HostFile(mode=0o644, content=content)}
    if in_container:
        files[CONTAINER_PATH] = HostFile(mode=0o644, content=_NETWORK_ONLY, reloads="manager")
    return files


def again_files() -> dict[str, HostFile]:
    """The unit that sets the network's settings once more; a control has it enabled."""
    return {f"/etc/systemd/system/{AGAIN}": HostFile(mode=0o644, content=_AGAIN, reloads="manager")}


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


def plan_sysctl(
    snapshot: Snapshot, conditions: Sequence[Sysctl], file: HostFile | None, seconds: int = SECONDS
) -> Iterator[Step]:
    """Lays ``file`` down if it is given, and sets all anew where the kernel has one otherwise, under guard.

    One setting can change another, so all are set; in a container the network's. A filter of return paths can cut
    the way by which the deploy came: then file and network are put back as they were.
    """
    own_kernel = FACTS["own-kernel"].holds(snapshot) is True
    found = snapshot.host.sysctl if snapshot.host else {}
    withheld = settings_withheld(snapshot)
    settable = {
        each: value.split()
        for each in conditions
        if each.key not in withheld
        and (own_kernel or each.key.startswith("net."))
        and (value := found.get(each.key)) is not None
    }
    different = [each for each, value in settable.items() if value != each.value.split()]
    uneven = [key for each in settable if (key := _uneven(each, found))]
    changes = [lay_bytes({PATH: (file.mode, file.content)})] if file else []
    reasons = [f"{PATH} is missing or different"] if file else []
    before: list[Command] = []
    back: list[str] = []
    if different or uneven:
        words = [f"{key}={value}" for key, value in _in_order(list(settable)) if "*" not in key]
        changes += [*_each_interface(list(settable)), sh("sysctl", "-q", "-w", *words)]
        reasons.append(f"different: {', '.join([*(each.key for each in different), *uneven])}")
        old = [each.model_copy(update={"value": found[each.key]}) for each in different]
        before, back = _way_back([each for each in old if each.key.startswith("net.")], list(settable))
    if changes:
        step = guarded(
            "sysctl",
            (PATH,),
            tuple(back),
            tuple(changes),
            title="set the kernel's settings",
            why="; ".join(reasons),
            seconds=seconds,
        )
        # Before the guard is armed, so that it never finds what an earlier change noted.
        yield Step(title=step.title, why=step.why, commands=(*before, *step.commands))


def _uneven(wanted: Sysctl, found: Mapping[str, str | None]) -> str | None:
    """The key of all interfaces, where one of them has another value than holds for all."""
    if not wanted.key.startswith(_ALL):
        return None
    key = wanted.key.replace(".conf.all.", ".conf.*.")
    return key if any(find_uneven(key, found.get(key) or "", wanted.value)) else None


def _way_back(old: Sequence[Sysctl], settable: Sequence[Sysctl]) -> tuple[list[Command], list[str]]:
    """What to note before the change, and what puts the network back: each interface has values of its own."""
    words = [f"{key}={value}" for key, value in _in_order(old) if "*" not in key]
    lines = [shlex.join(["sysctl", "-q", "-w", *words])] if words else []
    paths = [_path(key) for key, _ in _in_order(settable) if "*" in key]
    if not paths:
        return [], lines
    note = f'for one in {" ".join(paths)}; do [ ! -e "$one" ] || echo "$one $(cat "$one")"; done'
    restore = f'while read -r one value; do [ ! -e "$one" ] || echo "$value" >"$one"; done <{_NOTED}'
    noted = Command(line=f"install -d -m 0700 {Path(_NOTED).parent} && {{ {note}; }} >{_NOTED}")
    return [noted], [*lines, restore]


def _path(key: str) -> str:
    return f"/proc/sys/{key.replace('.', '/')}"


def _each_interface(settable: Sequence[Sysctl]) -> Iterator[Command]:
    for key, value in _in_order(settable):
        if "*" in key:
            # An interface may be gone in between, and a kernel may not have the setting for each.
            line = f'for one in {_path(key)}; do [ ! -e "$one" ] || echo {value} >"$one"; done'
            yield Command(line=line)
