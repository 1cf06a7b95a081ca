"""What a service tells the kit once, when it installs it."""

from dataclasses import dataclass
from pathlib import Path

from garrison_kit.clients import CLIENTS
from garrison_kit.health import Check
from garrison_kit.secrets import SECRETS


@dataclass(frozen=True, kw_only=True)
class Options:
    """The service's name and version, where its keys lie, how large a body may be, what it depends on.

    ``service_key_secret`` names the secret of a service with ``credential: shared``, None for the others.
    """

    service: str
    version: str
    clients_file: Path | str = CLIENTS
    secrets_dir: Path | str = SECRETS
    service_key_secret: str | None = None
    max_body: int = 1024 * 1024
    checks: tuple[Check, ...] = ()
