"""How root breaks on a live machine what the records break on a recorded one: the same patch, done for real."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from garrison.controls.conditions import Module
from garrison.controls.model import Control

# No patch tells how: what it describes comes about by something else.
BY_HAND: Mapping[str, str] = {
    "H10": "systemctl disable -q apparmor.service",
    "H37": "aa-complain /etc/apparmor.d/usr.bin.passt",
    "L04": "systemctl disable -q auditd.service",
    # Debian's own unit delegates what we ask for, so the file has to say less. Podman begins anew with the manager, for
    # which it needs what R02's test has taken.
    "R06": "printf '[Service]\\nDelegate=\\nDelegate=memory\\n' "
    ">/etc/systemd/system/user@.service.d/50-garrison-delegate.conf && sysctl -q -w user.max_user_namespaces=65536 "
    "&& systemctl daemon-reload && systemctl restart user@4000.service",
}
# Where a deploy isn't the remedy.
MENDED_BY: Mapping[str, str] = {
    "H37": "aa-enforce /etc/apparmor.d/usr.bin.passt",
    "R02": "sysctl -q -w user.max_user_namespaces=65536",
}
# The machine has no boot loader, QEMU is; and no GPU.
NOT_HERE = frozenset({"boots-itself", "gpu"})
# H05 fails on purpose; H56 and L24 hold until the kernel ends; the others are of programs it hasn't got.
LEFT = frozenset({"H05", "H47", "H51", "H56", "L24"})


def break_live(control: Control) -> str | None:
    """The shell line that breaks ``control`` on the machine; None where only a recorded host can show it."""
    if control.id in BY_HAND:
        return BY_HAND[control.id]
    patch = control.broken_by.recorded if control.broken_by else None
    if patch is None or control.applies in NOT_HERE or control.id in LEFT or len(patch) != 1:
        return None
    ways = {"sysctl": _sysctl, "units": _units, "audit": _audit}
    ((part, of_it),) = patch.items()
    if part == "modules":
        # All of the control's: this kernel needn't have the one of the patch.
        return _modules(one.name for one in control.holds if isinstance(one, Module))
    return ways[part](of_it) if part in ways else None


def _sysctl(values: Mapping[str, str]) -> str:
    return shlex.join(["sysctl", "-q", "-w", *(f"{key}={value}" for key, value in values.items())])


def _modules(modules: Iterable[str]) -> str:
    """Nobody forbids it any more."""
    names = "|".join(modules)
    return f"sed -i -E '/^(install|blacklist) ({names})( |$)/d' /etc/modprobe.d/garrison.conf"


def _units(units: Iterable[str]) -> str:
    return shlex.join(["systemctl", "disable", "-q", "--now", *units])


def _audit(patch: Mapping[str, Any]) -> str:
    """The kernel forgets the rule: -d undoes -a, and -W undoes -w."""
    undo = {"-a": "-d", "-w": "-W"}
    lines = ([undo.get(word, word) for word in rule.split()] for rule in patch["rules-"])
    return " && ".join(shlex.join(["auditctl", *words]) for words in lines)
