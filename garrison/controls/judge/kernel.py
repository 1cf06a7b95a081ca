"""Settings and modules of the kernel, and what is mounted how."""

from collections.abc import Iterator

from garrison.controls.conditions import Module, Mount, Sysctl
from garrison.controls.finding import Found, unseen
from garrison.snapshot.host_model import HostFacts


def judge_sysctl(condition: Sysctl, host: HostFacts) -> Iterator[Found]:
    """Compares with the kernel's own value, not with a file that may never have been read."""
    where = f"sysctl {condition.key}"
    if condition.key not in host.sysctl:
        yield unseen(where)
        return
    value = host.sysctl[condition.key]
    if value is None:
        yield Found(where=where, what="the kernel has no such setting.", is_absent=True, is_unseen=True)
    elif value.split() != condition.value.split():
        yield Found(where=where, what=f"it is {' '.join(value.split())}, not {condition.value}.")


def judge_module(condition: Module, host: HostFacts) -> Iterator[Found]:
    """A module counts as gone when it is neither loaded nor would be on demand."""
    where = f"module {condition.name}"
    module = host.modules.get(condition.name)
    if module is None:
        yield unseen(where)
    elif module.loaded:
        yield Found(where=where, what="it is loaded.")
    elif module.loadable is None:
        yield unseen(where, "the host doesn't tell whether it would be loaded.")
    elif module.loadable:
        yield Found(where=where, what="it isn't loaded, but modprobe would load it.")


def judge_mount(condition: Mount, host: HostFacts) -> Iterator[Found]:
    """Options in effect of the mount at exactly this path, whatever fstab says."""
    where = f"mount {condition.path}"
    mount = host.mount(condition.path)
    if mount is None:
        yield Found(where=where, what="nothing is mounted there of its own.", is_absent=True)
        return
    missing = [option for option in condition.options if option not in mount.options]
    if missing:
        yield Found(where=where, what=f"it is mounted without {', '.join(missing)}.")
