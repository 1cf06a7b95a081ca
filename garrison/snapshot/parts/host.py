"""The host itself: everything that ``want["host"]`` asks, each part by itself."""

from collections.abc import Callable

from garrison.snapshot.parts.access import apt, firewall, login_defs, sshd, sudo
from garrison.snapshot.parts.audit import audit
from garrison.snapshot.parts.base import Record
from garrison.snapshot.parts.files import describe_pattern, texts_of
from garrison.snapshot.parts.kernel import loaded_modules, module, mounts, sysctl
from garrison.snapshot.parts.people import accounts, groups
from garrison.snapshot.parts.removals import kept_by
from garrison.snapshot.parts.routes import advertised_route
from garrison.snapshot.parts.sshd_lines import sshd_lines
from garrison.snapshot.parts.systemd import config, units
from garrison.snapshot.parts.walks import walks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Jobs = dict[str, "Callable[[], Any]"]


def programs(want: Record) -> Jobs:
    """What waits for other programs."""
    return {
        "apt": lambda: apt(want["apt"]),
        "sshd": sshd,
        "units": lambda: units(want["units"]),
        "firewall": firewall,
        "audit": audit,
        "advertised_route": advertised_route,
        "modules": lambda: modules(want["modules"]),
        "kept_by": lambda: kept_by(want.get("removals", [])),
    }


def own_reading(want: Record) -> Record:
    """What this process reads by itself."""
    people = accounts()
    return {
        "sysctl": {key: sysctl(key) for key in want["sysctl"]},
        "mounts": mounts(),
        "login_defs": login_defs(),
        "files": {pattern: describe_pattern(pattern) for pattern in want["files"]},
        "config": {name: config(name) for name in want["config"]},
        **texts_of(want["texts"]),
        "sudo": sudo(),
        "sshd_lines": sshd_lines(),
        "accounts": people,
        "groups": groups(),
        "walks": walks([one["home"] for one in people]) if want.get("walks") else None,
    }


def modules(names: list[str]) -> dict[str, Record]:
    loaded = loaded_modules()
    return {name: module(name, loaded) for name in names}
