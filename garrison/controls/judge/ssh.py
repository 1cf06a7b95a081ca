"""Options of the SSH server, as the server itself tells them."""

import re
from collections.abc import Iterator, Sequence

from garrison.controls.conditions import Sshd
from garrison.controls.finding import Found, unseen
from garrison.controls.sshd_lines import find_origin
from garrison.snapshot.host_model import HostFacts

UNSET = ((), ("none",))


def judge_sshd(condition: Sshd, host: HostFacts) -> Iterator[Found]:
    """Compares with ``sshd -T``, which knows of every drop-in; where it says nothing the option isn't set."""
    where = f"sshd -T {condition.option.lower()}"
    if host.sshd is None:
        yield unseen(where, "sshd -T gave no answer: sshd isn't installed, or its configuration is broken.")
        return
    values = host.sshd.get(condition.option.lower(), ())
    if said := _differs(condition, values):
        origin = find_origin(condition.option, host.sshd_lines or ())
        yield Found(where=where, what=f"{said.removesuffix('.')} (says {origin})." if origin else said)


def _differs(condition: Sshd, values: Sequence[str]) -> str:
    found = " ".join(values)
    shown = found if values else "not set"
    items = [item for item in re.split(r"[,\s]+", found) if item]
    if condition.set is not None:
        is_set = tuple(values) not in UNSET
        return "" if is_set == condition.set else f"it is {shown}."
    if condition.value is not None:
        return "" if found == condition.value else f"it is {shown}, not {condition.value}."
    if condition.at_most is not None:
        return _exceeds(found, condition.at_most)
    if condition.within is not None:
        beyond = [item for item in items if item not in condition.within]
        if not items:
            return "it is not set."
        return f"it allows {', '.join(beyond)} too." if beyond else ""
    first = items[: len(condition.begins or ())]
    wanted = ", ".join(condition.begins or ())
    return "" if tuple(first) == condition.begins else f"it begins with {', '.join(first)}, not {wanted}."


def _exceeds(found: str, at_most: int) -> str:
    """Zero is no small number here: to sshd it means that there is no limit, or no check at all."""
    if not found.isdigit():
        return f"it is {found or 'not set'}, not a number up to {at_most}."
    return "" if 1 <= int(found) <= at_most else f"it is {found}, not 1 to {at_most}."
