"""Which model and dimension the whole stack agreed on, and whether the embeddings service has it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from garrison_kit.health import NotReadyError
from garrison_kit.settings import SettingsError

MODEL, DIMENSION = "GARRISON_EMBEDDING_MODEL", "GARRISON_EMBEDDING_DIMENSION"
_LARGEST = 65536


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The model's name, and how many numbers its vectors have."""

    model: str
    dimension: int


def expected(environ: Mapping[str, str] | None = None) -> Expected:
    """What the catalog says, from the two variables that the engine sets.

    Raises SettingsError naming each variable that is absent or no use.
    """
    variables = os.environ if environ is None else environ
    model, dimension = variables.get(MODEL, "").strip(), variables.get(DIMENSION, "").strip()
    faults = []
    if not model:
        faults.append(f"{MODEL}: not set")
    if not (dimension.isascii() and dimension.isdigit() and 0 < int(dimension[:9]) <= _LARGEST):
        faults.append(f"{DIMENSION}: " + ("not a dimension" if dimension else "not set"))
    if faults:
        raise SettingsError("; ".join(faults))
    return Expected(model=model, dimension=int(dimension))


def check(info: Mapping[str, Any], expected: Expected) -> None:
    """Compare what the embeddings service's /info says with ``expected``.

    Raises NotReadyError with the difference in words.
    """
    model, dimension = info.get("model"), info.get("dimension", info.get("dimensions"))
    if not isinstance(model, str) or not isinstance(dimension, int):
        raise NotReadyError("embeddings does not say which model it serves")
    if model != expected.model:
        raise NotReadyError(f"embeddings serves {model[:64]}, {expected.model} is expected")
    if dimension != expected.dimension:
        raise NotReadyError(
            f"embeddings makes vectors of {dimension} numbers, {expected.dimension} are expected"
        )
