"""Units of systemd that run, and those that don't."""

from collections.abc import Iterator, Sequence

from garrison.controls.conditions import Unit
from garrison.plan.step import Command, Step, sh
from garrison.snapshot import host_model
from garrison.snapshot.model import Snapshot

_STARTS = ("enabled", "enabled-runtime", "linked", "linked-runtime", "generated")
_FIXED = ("static", "alias", "indirect")


def plan_units(snapshot: Snapshot, conditions: Sequence[Unit], own: frozenset[str]) -> Iterator[Step]:
    """``own`` are units whose files this very run lays down: they aren't there yet, and still get enabled."""
    found = snapshot.host.units if snapshot.host else {}
    verbs: dict[tuple[str, ...], list[str]] = {}
    for each in conditions:
        unit = found.get(each.name)
        if unit is None or (unit.load == "not-found" and each.name not in own):
            continue
        for verb in _verbs(each, unit):
            verbs.setdefault(verb, []).append(each.name)
    if verbs:
        names = sorted({name for several in verbs.values() for name in several})
        commands: tuple[Command, ...] = tuple(
            sh("systemctl", *verb, *several) for verb, several in verbs.items()
        )
        yield Step(title=f"set how units run: {', '.join(names)}", why="not as wanted", commands=commands)


def _verbs(wanted: Unit, unit: host_model.Unit) -> Iterator[tuple[str, ...]]:
    is_masked = unit.load == "masked" or unit.enabled.startswith("masked")
    if is_masked and (wanted.masked is False or wanted.enabled or wanted.active):
        yield ("unmask", "-q")
    if wanted.enabled and unit.enabled not in (*_STARTS, *_FIXED):
        yield ("enable", "-q")
    if wanted.active and unit.active != "active":
        yield ("start",)
    if wanted.enabled is False and unit.enabled in _STARTS:
        yield ("disable", "-q")
    if wanted.active is False and unit.active in ("active", "activating", "reloading"):
        yield ("stop",)
    if wanted.masked and not is_masked:
        yield ("mask", "-q")
