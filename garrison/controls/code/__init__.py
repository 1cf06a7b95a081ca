"""Conditions that no kind covers: pure functions, one file a topic, found by the name they are registered with."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from garrison.controls.code.registry import FUNCTIONS, Judge


@cache
def find_functions() -> Mapping[str, Judge]:
    """Every registered function by name; a new file in this folder is found by itself."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return FUNCTIONS
