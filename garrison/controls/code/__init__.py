"""Conditions that no kind covers: pure functions, one file a topic, found by the name they are registered with."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from garrison.controls.code.registry import FUNCTIONS, PROBING, Judge


@cache
def find_functions() -> Mapping[str, Judge]:
    """Every registered function by name; a new file in this folder is found by itself."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return FUNCTIONS


def needs_probes(name: str) -> bool:
    """Whether the function of this name judges what the slow probes answered, and not the snapshot alone."""
    find_functions()
    return name in PROBING
