"""When a control applies: facts that the host itself told, each with the sentence that is shown when it is false."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from garrison.evidence.deployed import NO_STACK, has_stack

if TYPE_CHECKING:
    from garrison.snapshot.model import Snapshot


@dataclass(frozen=True, kw_only=True)
class Fact:
    """``holds`` tells None when the host didn't say; ``otherwise`` completes "not applicable: …"."""

    holds: Callable[[Snapshot], bool | None]
    otherwise: str


def _has_own_kernel(seen: Snapshot) -> bool | None:
    return None if seen.host is None else seen.host.kernel.container == "none"


def _has(what: str) -> Callable[[Snapshot], bool | None]:
    return lambda seen: None if seen.host is None else getattr(seen.host.kernel, what)


def _may_use(what: str) -> Callable[[Snapshot], bool | None]:
    """On a kernel of its own it is the host's to switch on: off is a failure there, and nothing to be excused by."""
    return lambda seen: True if _has_own_kernel(seen) else _has(what)(seen)


def _has_controllers(seen: Snapshot) -> bool:
    return bool(_has_own_kernel(seen)) or {"cpu", "memory", "pids"} <= set(seen.controllers)


def _has_gpu(seen: Snapshot) -> bool | None:
    """A driver that isn't loaded, as between its upgrade and a boot, has no devices: its card is there all the same."""
    host = seen.host
    if host is None or GPU not in host.files:
        return None
    if host.files[GPU]:
        return True
    if not _has_own_kernel(seen):  # it sees the cards of the machine around it, given to it or not
        return False
    if NVIDIA_SMI not in host.files or CARDS not in host.texts or CARDS in host.texts_withheld:
        return None
    return bool(host.files[NVIDIA_SMI]) and bool(_CARD.search(host.texts[CARDS] or ""))


def _has_containers(seen: Snapshot) -> bool:
    """Where a stack is and Podman doesn't tell, there may be some: the control then says that it saw nothing."""
    return bool(seen.containers) or (seen.containers is None and has_stack(seen))


GPU = "/dev/nvidia[0-9]*"
NVIDIA_SMI = "/usr/bin/nvidia-smi"  # it comes with the driver, and measure-gpus asks it
CARDS = "/sys/bus/pci/devices/*/modalias"
# Vendor 10DE, class 03 (display): see modalias_show in Linux' drivers/pci/pci-sysfs.c.
_CARD = re.compile(r"^pci:v000010DEd[0-9A-F]{8}sv[0-9A-F]{8}sd[0-9A-F]{8}bc03", re.M)
_A_CONTAINER = "the host is a container, and its kernel is that of the machine around it."

FACTS: Mapping[str, Fact] = {
    "always": Fact(holds=lambda _: True, otherwise=""),
    "own-kernel": Fact(holds=_has_own_kernel, otherwise=_A_CONTAINER),
    "time-is-its-own": Fact(
        holds=_has_own_kernel,
        otherwise="the host is a container, and its clock is that of the machine around it.",
    ),
    "boots-itself": Fact(holds=_has("boot_loader"), otherwise="the host has no boot loader of its own."),
    "apparmor": Fact(holds=_may_use("apparmor"), otherwise="the kernel lets this host use no AppArmor."),
    "audit": Fact(holds=_may_use("audit"), otherwise="the kernel lets this host use no audit."),
    "ipv6": Fact(holds=lambda seen: seen.ipv6, otherwise="the host has no IPv6."),
    "gpu": Fact(holds=_has_gpu, otherwise="the host has no GPU of NVIDIA's with its driver."),
    "controllers": Fact(
        holds=_has_controllers,
        otherwise="the host has no cgroup controllers to delegate.",
    ),
    "stack": Fact(
        holds=has_stack,
        otherwise=NO_STACK,
    ),
    "containers": Fact(
        holds=_has_containers,
        otherwise="no container of the stack runs here.",
    ),
    "podman": Fact(
        holds=lambda seen: "podman" in seen.packages, otherwise="Podman isn't installed here yet."
    ),
}
