"""Conditions of controls in words."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from garrison.controls.code import find_functions
from garrison.controls.conditions import (
    KINDS,
    Code,
    Condition,
    Evidence,
    File,
    LoginDefs,
    Sshd,
    TextFile,
    Unit,
)


def describe(condition: Condition) -> str:
    """What the check compares, in a few words; a table's bars are escaped."""
    return _WORDS[condition.kind](condition).replace("|", "\\|")


def kinds() -> list[tuple[str, ...]]:
    """For each kind: its name, what it is about, and its keys."""
    return [(f"`{name}`", _about(model), ", ".join(_keys(model))) for name, model in KINDS.items()]


def _about(model: type[Any]) -> str:
    return " ".join((model.__doc__ or "").split()).replace("``", "`").replace("|", "\\|")


def _keys(model: type[Any]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name != "kind":
            yield f"`{name}`" if field.is_required() else f"`{name}`?"


def _sshd(condition: Sshd) -> str:
    said = f"`sshd -T` {condition.option}"
    if condition.value is not None:
        return f"{said} is {condition.value}"
    if condition.at_most is not None:
        return f"{said} is 1 to {condition.at_most}"
    if condition.within is not None:
        return f"{said} is within {', '.join(condition.within)}"
    if condition.begins is not None:
        return f"{said} begins with {', '.join(condition.begins)}"
    return f"{said} is set" if condition.set else f"{said} is not set"


def _login_defs(condition: LoginDefs) -> str:
    said = f"`/etc/login.defs` {condition.key}"
    if condition.value is not None:
        return f"{said} is {condition.value}"
    if condition.at_most is not None:
        return f"{said} is at most {condition.at_most}"
    return f"{said} is at least {condition.at_least}"


def _file(condition: File) -> str:
    parts = [f"is {condition.mode} at most"] if condition.mode else []
    parts += [f"is {condition.owner}'s"] if condition.owner else []
    parts += [f"has group {condition.group}"] if condition.group else []
    return f"`{condition.path}` {', '.join(parts) or 'is there'}"


def _text(condition: TextFile) -> str:
    says = f"has `{condition.has}`" if condition.has else f"lacks `{condition.lacks}`"
    return f"`{condition.path}` {says}"


def _unit(condition: Unit) -> str:
    words = (("enabled", condition.enabled), ("active", condition.active), ("masked", condition.masked))
    said = ", ".join(name if value else f"not {name}" for name, value in words if value is not None)
    return f"`{condition.name}` is {said}"


def _evidence(condition: Evidence) -> str:
    named = f" ({', '.join(condition.findings)})" if condition.findings else ""
    return f"check {condition.check}{named}"


def _code(condition: Code) -> str:
    """The function's own first sentence."""
    said = " ".join((find_functions()[condition.name].__doc__ or "").split())
    first = re.split(r"(?<=\.)\s", said, maxsplit=1)[0]
    return f"code {condition.name}: {first.replace('``', '`')}"


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "sshd": _sshd,
    "sysctl": lambda one: f"`{one.key}` is {one.value}",
    "module": lambda one: f"module `{one.name}` can't be loaded",
    "mount": lambda one: f"`{one.path}` is mounted with {', '.join(one.options)}",
    "login_defs": _login_defs,
    "file": _file,
    "package": lambda one: f"package `{one.name}` is {'' if one.present else 'not '}installed",
    "unit": _unit,
    "config": lambda one: f"`{one.file}` {one.section}.{one.key} is {one.value}",
    "text": _text,
    "apt": lambda one: f"`apt-config` {one.key} has {one.value}",
    "audit": lambda one: f"the kernel audits `{one.rule}`",
    "sudo": lambda one: f"sudo's `{one.option}` is {one.value or 'on'}",
    "evidence": _evidence,
    "code": _code,
}
