"""Settings from the environment, under the service's prefix; one that nobody knows is an error."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class SettingsError(RuntimeError):
    """Settings are wrong; the message names every one of them and never shows a value."""


def load(model: type[Model], prefix: str, environ: Mapping[str, str] | None = None) -> Model:
    """Read ``PREFIX_FIELD`` for each field of ``model`` from the environment.

    Raises SettingsError, naming all faults at once, for an unknown name under the prefix or a bad value.
    """
    variables = os.environ if environ is None else environ
    given = {name: value for name, value in variables.items() if name.startswith(prefix)}
    known = {f"{prefix}{field.upper()}": field for field in model.model_fields}
    faults = [_unknown(name, known) for name in sorted(given) if name not in known]
    values: dict[str, Any] = {known[name]: value for name, value in given.items() if name in known}
    try:
        settings = model.model_validate(values)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            field = "_".join(str(part) for part in one["loc"])
            faults.append(f"{prefix}{field.upper()}: {one['msg']}")
        raise SettingsError("; ".join(faults)) from None
    if faults:
        raise SettingsError("; ".join(faults))
    return settings


def _unknown(name: str, known: Mapping[str, str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"{name}: unknown setting" + (f", did you mean {close[0]}?" if close else "")
