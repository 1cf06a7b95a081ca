"""What would have to go along with packages that may be unwanted."""

import re
from functools import partial

from garrison.snapshot.parts.base import Later, run


def kept_by(names: list[str]) -> dict[str, list[str]]:
    """For each of these packages that is installed, those that need it. Nothing is locked and nothing removed."""
    later = {name: Later(partial(gone_with, name)) for name in names if is_installed(name)}
    told = {name: one.result() for name, one in later.items()}
    return {name: others for name, others in told.items() if others is not None}


def is_installed(name: str) -> bool:
    out = run("dpkg-query", "-W", "-f", "${db:Status-Status}", name)
    return out == "installed"


def gone_with(name: str) -> list[str] | None:
    """None where apt doesn't tell."""
    out = run("apt-get", "-s", "-o", "Debug::NoLocking=true", "remove", name)
    if out is None:
        return None
    return sorted(set(re.findall(r"^Remv (\S+)", out, re.M)) - {name})
