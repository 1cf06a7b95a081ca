"""Checks of one host that other tools can make as well: what the controls ask, held against what the host has."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from garrison.controls.conditions import (
    Condition,
    Config,
    File,
    LoginDefs,
    Mount,
    Package,
    Sshd,
    Sysctl,
    TextFile,
    Unit,
)
from garrison.controls.model import Control
from garrison.snapshot.host_model import HostFacts
from garrison.snapshot.record import FileState

# The peers' expressions know no look-around, and goss reads a line at a time.
_UNSAID = re.compile(r"\(\?|\\n")
# A static unit is enabled for one of them and not for the other.
_TOLD_ALIKE = ("enabled", "disabled")
_LOGIN_DEFS = "/etc/login.defs"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that holds: ``kind`` is sshd, sysctl, mount, text, lacks, file, package, unit or config.

    ``value`` is what is expected of ``subject``: a value, options, an expression, modes and owners, a state.
    """

    kind: str
    subject: str
    value: tuple[str, ...]


def comparable(controls: Iterable[Control], host: HostFacts) -> tuple[Check, ...]:
    """Every check that holds there now, without repetitions."""
    conditions = (each for control in controls if control.applies == "always" for each in control.holds)
    return tuple(dict.fromkeys(check for each in conditions for check in _of(each, host)))


def _of(condition: Condition, host: HostFacts) -> Iterator[Check]:
    match condition:
        case Sshd():
            for value in (host.sshd or {}).get(condition.option.lower(), ())[:1]:
                yield Check(kind="sshd", subject=condition.option.lower(), value=(value,))
        case Sysctl() | Mount():
            yield from _of_kernel(condition, host)
        case LoginDefs() if condition.key in host.login_defs:
            line = rf"^{condition.key}\s+{re.escape(host.login_defs[condition.key])}"
            yield Check(kind="text", subject=_LOGIN_DEFS, value=(line,))
        case TextFile():
            yield from _of_text(condition, host)
        case File():
            found = host.files.get(condition.path, {})
            yield from (_of_file(path, state) for path, state in found.items() if _is_plain(state))
        case Package() if (condition.name in host.packages) is condition.present:
            state = "installed" if condition.present else "absent"
            yield Check(kind="package", subject=condition.name, value=(state,))
        case Unit() if (unit := host.units.get(condition.name)) and unit.enabled in _TOLD_ALIKE:
            yield Check(kind="unit", subject=condition.name, value=(unit.enabled, unit.active))
        case Config() if host.config.get(condition.file, {}).get(f"{condition.section}.{condition.key}"):
            line = f"{condition.key}={condition.value}"
            yield Check(kind="config", subject=condition.file, value=(line,))


def _of_kernel(condition: Sysctl | Mount, host: HostFacts) -> Iterator[Check]:
    match condition:
        case Sysctl() if host.sysctl.get(condition.key) == condition.value:
            yield Check(kind="sysctl", subject=condition.key, value=(condition.value,))
        case Mount() if (mount := host.mount(condition.path)) and mount.options >= set(condition.options):
            yield Check(kind="mount", subject=condition.path, value=condition.options)


def _of_text(condition: TextFile, host: HostFacts) -> Iterator[Check]:
    text, expression = host.texts.get(condition.path), condition.has or condition.lacks or ""
    if text is None or "*" in condition.path or _UNSAID.search(expression):
        return
    if (re.search(expression, text, re.M) is not None) is (condition.has is not None):
        kind = "text" if condition.has else "lacks"
        yield Check(kind=kind, subject=condition.path, value=(expression,))


def _is_plain(state: FileState) -> bool:
    """Of a link, goss tells its own mode and we that of what it leads to."""
    return state.mode is not None and state.link is None


def _of_file(path: str, state: FileState) -> Check:
    return Check(kind="file", subject=path, value=(f"{state.mode:04o}", str(state.user), str(state.group)))
