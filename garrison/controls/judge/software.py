"""Packages, units, and settings of systemd and apt."""

from collections.abc import Iterator

from garrison.controls.conditions import Apt, Config, Package, Unit
from garrison.controls.finding import Found, unseen
from garrison.snapshot import host_model
from garrison.snapshot.host_model import HostFacts

# What starts with the host. A static unit has nothing to enable: whether it runs is what counts.
_ENABLED = ("enabled", "enabled-runtime", "linked", "alias", "static", "generated")
_STARTS = ("enabled", "enabled-runtime", "linked", "linked-runtime", "generated")


def judge_package(condition: Package, host: HostFacts) -> Iterator[Found]:
    """Installed means installed: what was removed and left its configuration behind isn't."""
    if (condition.name in host.packages) != condition.present:
        others = ", ".join(host.kept_by.get(condition.name, ()))
        said = (
            "it isn't installed."
            if condition.present
            else f"it is installed{others and ' and needed by '}{others}."
        )
        remedy = f"Remove {others} as well: name all of them in remove_packages." if others else ""
        yield Found(where=f"package {condition.name}", what=said, is_absent=condition.present, remedy=remedy)


def judge_unit(condition: Unit, host: HostFacts) -> Iterator[Found]:
    """A unit that isn't there is neither enabled nor active."""
    unit = host.units.get(condition.name)
    if unit is None:
        yield unseen(condition.name)
        return
    for what in _differences(condition, unit):
        yield Found(where=condition.name, what=what, is_absent=unit.load == "not-found")


def _differences(condition: Unit, unit: host_model.Unit) -> Iterator[str]:
    is_there = unit.load != "not-found"
    state = (unit.enabled or unit.load) if is_there else "not there"
    if condition.enabled and not (is_there and unit.enabled in _ENABLED):
        yield f"it is {state}, not enabled."
    if condition.enabled is False and is_there and unit.enabled in _STARTS:
        yield f"it is {state}."
    if condition.active and unit.active != "active":
        yield f"it is {unit.active or 'not active'}, not active."
    if condition.active is False and unit.active not in ("inactive", "failed", ""):
        yield f"it is {unit.active}."
    is_masked = unit.load == "masked" or unit.enabled.startswith("masked")
    if condition.masked is not None and is_masked != condition.masked:
        yield f"it is {state}, not masked." if condition.masked else "it is masked."


def judge_config(condition: Config, host: HostFacts) -> Iterator[Found]:
    """The value in force after all drop-ins; what nobody sets isn't set, whatever the built-in default is."""
    where = f"{condition.file} {condition.section}.{condition.key}"
    values = host.config.get(condition.file)
    if values is None:
        yield unseen(where)
        return
    value = values.get(f"{condition.section}.{condition.key}")
    if value is None:
        yield Found(where=where, what=f"it isn't set, wanted is {condition.value}.", is_absent=not values)
    elif value != condition.value:
        yield Found(where=where, what=f"it is {value or 'empty'}, not {condition.value}.")


def judge_apt(condition: Apt, host: HostFacts) -> Iterator[Found]:
    """One of the key's values, for apt's lists have several."""
    where = f"apt-config {condition.key}"
    if not host.apt:
        yield unseen(where, "apt-config gave no answer.")
        return
    values = host.apt.get(condition.key, ())
    if condition.value not in values:
        found = ", ".join(values) or "not set"
        yield Found(where=where, what=f"it is {found}, wanted is {condition.value}.")
