"""What holds for accounts and for who may do what: login.defs, sudo, and what the audit records."""

import re
from collections.abc import Iterator

from garrison.controls.conditions import Audit, LoginDefs, Sudo
from garrison.controls.finding import Found, unseen
from garrison.snapshot.host_model import HostFacts

_ENTRY = re.compile(
    r'\s*(?P<no>!*)\s*(?P<name>\w+)\s*(?:(?P<op>[+-]?=)\s*(?P<value>"(?:[^"\\]|\\.)*"|[^,]*))?(?:,|$)'
)


def judge_login_defs(condition: LoginDefs, host: HostFacts) -> Iterator[Found]:
    """A line of /etc/login.defs."""
    where = f"/etc/login.defs {condition.key}"
    if not host.login_defs:
        yield unseen(where)
        return
    value = host.login_defs.get(condition.key)
    if value is None:
        yield Found(where=where, what="it isn't set.")
    elif condition.value is not None:
        if value != condition.value:
            yield Found(where=where, what=f"it is {value}, not {condition.value}.")
    elif not re.fullmatch(r"-?\d+", value):
        yield Found(where=where, what=f"it is {value}, not a number.")
    elif condition.at_most is not None and int(value) > condition.at_most:
        yield Found(where=where, what=f"it is {value}, more than {condition.at_most}.")
    elif condition.at_least is not None and int(value) < condition.at_least:
        yield Found(where=where, what=f"it is {value}, less than {condition.at_least}.")


def judge_sudo(condition: Sudo, host: HostFacts) -> Iterator[Found]:
    """The last ``Defaults`` for everybody decides; one for some users or hosts may not take it back."""
    where = f"sudo Defaults {condition.option}"
    if host.sudo is None:
        yield unseen(where)
        return
    last: str | bool | None = None
    for file, scope, name, value in _defaults(host.sudo):
        if name == condition.option and not scope:
            last = value
        elif name == condition.option and not _is_wanted(value, condition):
            yield Found(where=file, what=f"Defaults{scope} makes {condition.option} {_shown(value)}.")
    if not _is_wanted(last, condition):
        wanted = "on" if condition.value is None else condition.value
        yield Found(where=where, what=f"it is {_shown(last)}, not {wanted}.")


def _is_wanted(value: str | bool | None, condition: Sudo) -> bool:
    return value is True if condition.value is None else value == condition.value


def _shown(value: str | bool | None) -> str:
    if isinstance(value, str):
        return value
    return "not set" if value is None else "on" if value else "off"


def _defaults(lines: tuple[str, ...]) -> Iterator[tuple[str, str, str, str | bool]]:
    """File, scope (``:user``, ``@host`` … or nothing), option and value of each entry."""
    for line in lines:
        file, _, text = line.partition(": ")
        match = re.match(r"Defaults(?P<scope>[:@!>]\S+)?\s+(?P<rest>.*)", text)
        if match is None:
            continue
        for entry in _ENTRY.finditer(match["rest"]):
            value = entry["value"]
            told: str | bool = value.strip().strip('"') if value is not None else len(entry["no"]) % 2 == 0
            yield file, match["scope"] or "", entry["name"], told


def judge_audit(condition: Audit, host: HostFacts) -> Iterator[Found]:
    """A rule that the kernel has, which a file of rules alone doesn't make."""
    where = f"audit rule {condition.rule}"
    if host.audit is None:
        yield unseen(where, "the kernel's audit didn't answer.")
        return
    if _comparable(condition.rule) not in map(_comparable, host.audit.rules):
        yield Found(where=where, what="the kernel doesn't have it.")


def _comparable(rule: str) -> list[str]:
    """The rule's words; auditctl prints system calls by their numbers, which differ between architectures."""
    words = rule.split()
    after = ["", *words]
    return [
        ",".join(sorted(each.split(","))) if before == "-S" else each
        for before, each in zip(after, words, strict=False)
    ]
