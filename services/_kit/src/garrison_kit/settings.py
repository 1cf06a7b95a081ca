"""Settings from the environment, secrets from files; each has one source, and what nobody knows is an error."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from garrison_kit.secrets import SECRETS, SecretError, read_secret

Model = TypeVar("Model", bound=BaseModel)
_SECRETS_DIR = "secrets_dir"


class SettingsError(RuntimeError):
    """Settings are wrong; the message names every one of them and never shows a value."""


@dataclass(frozen=True)
class FromSecret:
    """``password: Annotated[SecretStr, FromSecret("redis_x_password")]``: read from that file and nowhere else."""

    name: str


def load(
    model: type[Model],
    prefix: str,
    environ: Mapping[str, str] | None = None,
    secrets_dir: Path | str | None = None,
) -> Model:
    """Read ``PREFIX_FIELD`` from the environment for each field of ``model``, and each FromSecret from its file.

    What is not given has the model's default. Lists and the like are JSON, or what the field's own validator takes.
    Secrets lie in ``secrets_dir``, else where the model's field of that name says.
    Raises SettingsError, naming all faults at once: an unknown name under the prefix, a secret in the
    environment, a secret whose file is no use, a bad value. Raises TypeError for a secret that isn't a SecretStr.
    """
    variables = os.environ if environ is None else environ
    given = {name: value for name, value in variables.items() if name.startswith(prefix)}
    secrets = _secret_names(model)
    known = {f"{prefix}{field.upper()}": field for field in model.model_fields}
    faults = [
        _refuse(name, known, secrets) for name in sorted(given) if known.get(name) not in model.model_fields
    ]
    faults += [_refuse(name, known, secrets) for name in sorted(given) if known.get(name) in secrets]
    plain = {name: value for name, value in given.items() if known.get(name, "") not in {"", *secrets}}
    values = _Environment(model, prefix, plain)()
    values |= _read_secrets(model, secrets, secrets_dir or _directory(model, values), faults)
    try:
        settings = model.model_validate(values)
    except ValidationError as error:
        faults += [
            _describe(one, prefix, secrets) for one in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("; ".join(dict.fromkeys(fault for fault in faults if fault))) from None
    if faults:
        raise SettingsError("; ".join(faults))
    return settings


class _Environment(EnvSettingsSource):
    """pydantic-settings' own source, for a plain model and for the variables that it is given."""

    def __init__(self, model: type[BaseModel], prefix: str, variables: Mapping[str, str]) -> None:
        self._variables = {name.lower(): value for name, value in variables.items()}
        super().__init__(cast("type[BaseSettings]", model), env_prefix=prefix)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._variables

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value  # no JSON: the field's own validator may know the form, else it says what is wrong


def _secret_names(model: type[BaseModel]) -> dict[str, str]:
    found = {}
    for field, about in model.model_fields.items():
        for mark in about.metadata:
            if isinstance(mark, FromSecret):
                if SecretStr not in (about.annotation, *get_args(about.annotation)):
                    raise TypeError(
                        f"{model.__name__}.{field} is a secret: make it a SecretStr, which no log shows"
                    )
                found[field] = mark.name
    return found


def _directory(model: type[BaseModel], values: Mapping[str, Any]) -> Path | str:
    field = model.model_fields.get(_SECRETS_DIR)
    default = SECRETS if field is None else field.default
    found: Path | str = values.get(_SECRETS_DIR, default)
    return found


def _read_secrets(
    model: type[BaseModel], secrets: Mapping[str, str], directory: Path | str, faults: list[str]
) -> dict[str, str]:
    values = {}
    for field, name in secrets.items():
        if not model.model_fields[field].is_required() and not (Path(directory) / name).exists():
            continue
        try:
            values[field] = read_secret(name, directory)
        except SecretError as error:
            faults.append(str(error))
    return values


def _describe(error: Any, prefix: str, secrets: Mapping[str, str]) -> str:
    field = "_".join(str(part) for part in error["loc"])
    if field in secrets and error["type"] == "missing":
        return ""  # its file has been named already
    return f"{prefix}{field.upper()}: {error['msg']}"


def _refuse(name: str, known: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    secret = secrets.get(known.get(name, ""))
    if secret is not None:
        return f"{name}: a secret is not taken from the environment; it comes from the file {secret}"
    allowed = [one for one, field in known.items() if field not in secrets]
    close = get_close_matches(name, allowed, n=1)
    return f"{name}: unknown setting" + (f", did you mean {close[0]}?" if close else "")
