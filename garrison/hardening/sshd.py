"""What sshd shall do: a drop-in that is read first, made of the controls' conditions."""

import re
from collections.abc import Iterator

from garrison.controls.conditions import Sshd
from garrison.hardening.chosen import Chosen
from garrison.hardening.texts import Text, edited, lay, outdated, rendered
from garrison.plan.guarded import guarded
from garrison.plan.step import Command, Step, sh
from garrison.settings import HostSettings
from garrison.snapshot.host_model import HostFacts

MAIN = "/etc/ssh/sshd_config"
DROP_INS = "/etc/ssh/sshd_config.d/*.conf"
DROP_IN = "/etc/ssh/sshd_config.d/00-garrison.conf"
GROUP = "garrison-ssh"
RELOAD = "systemctl try-reload-or-restart ssh.service"
_INCLUDE = re.compile(r"^[ \t]*Include[ \t=].*/etc/ssh/sshd_config\.d/\*\.conf", re.M | re.I)


def render_sshd(chosen: Chosen, settings: HostSettings) -> str:
    """The drop-in: a paragraph for each control, with the options that it asks for."""
    values = _values(chosen, settings)
    parts: list[tuple[str, list[str]]] = []
    written: set[str] = set()
    for control in chosen.controls:
        options = [each.option for each in control.holds if isinstance(each, Sshd)]
        names = [name for name in dict.fromkeys(options) if name in values and name not in written]
        if names:
            parts.append((f"{control.id}: {control.title}", [f"{name} {values[name]}" for name in names]))
            written |= set(names)
    if extra := [f"{name} {value}" for name, value in values.items() if name not in written]:
        parts.append(("ssh_forwarding in the inventory", extra))
    return rendered("ssh/00-garrison.conf.j2", parts=parts)


def _values(chosen: Chosen, settings: HostSettings) -> dict[str, str]:
    """Each option once, with what is written for it."""
    asked: dict[str, list[Sshd]] = {}
    for condition in chosen.of(Sshd):
        asked.setdefault(condition.option, []).append(condition)
    values = {option: value for option, several in asked.items() if (value := _written(several))}
    if settings.way_in.user is None:  # a list that may not hold whoever deploys would shut the host
        values.pop("AllowGroups", None)
    if settings.ssh_forwarding == "loopback":
        values.pop("DisableForwarding", None)
    elif settings.ssh_forwarding == "none":
        values["DisableForwarding"] = "yes"
    return values


def _written(conditions: list[Sshd]) -> str:
    """The value that fulfils all conditions on one option; a list begins with what it has to begin with."""
    for condition in conditions:
        if condition.value is not None:
            return condition.value
        if condition.at_most is not None:
            return str(condition.at_most)
    first = [item for condition in conditions for item in condition.begins or ()]
    rest = [item for condition in conditions for item in condition.within or ()]
    return ",".join(dict.fromkeys((*first, *rest)))


def with_include(main: str) -> str:
    """The main file with its drop-ins read before anything else, when it doesn't read them for everybody."""
    found = _INCLUDE.search(main)
    match = re.search(r"^[ \t]*Match\b", main, re.M | re.I)
    if found and (match is None or found.start() < match.start()):
        return main
    return f"Include {DROP_INS}\n{main}"


def plan_sshd(host: HostFacts, chosen: Chosen, settings: HostSettings) -> Iterator[Step]:
    """The drop-in and its inclusion, under guard: the change stays only if a new login works."""
    if not chosen.of(Sshd) or host.sshd is None:
        return
    files = outdated(host, {DROP_IN: Text(mode=0o600, text=render_sshd(chosen, settings))})
    main = host.texts.get(MAIN)
    if main is not None:
        files |= edited(host, MAIN, with_include(main), most=0o600)
    if files:
        test = Command(line="install -d -m 0755 /run/sshd && /usr/sbin/sshd -t")
        yield guarded(
            "sshd",
            (MAIN, DROP_IN),
            (RELOAD,),
            (lay(files), test, sh(*RELOAD.split())),
            title="have sshd do as the controls say",
            why=f"{', '.join(sorted(files))} {'is' if len(files) == 1 else 'are'} missing or different",
            seconds=settings.guard_seconds,
        )
