"""What a service tells the kit once, when it installs it."""

from dataclasses import dataclass
from pathlib import Path

from garrison_kit.clients import CLIENTS
from garrison_kit.health import Check
from garrison_kit.secrets import SECRETS


@dataclass(frozen=True, kw_only=True)
class Options:
    """The service's name and version, where its keys lie, what a request may take, what it depends on.

    ``service_key_secret`` names the secret of a service with ``credential: shared``, None for the others.
    ``rate`` and ``burst`` count for each client by itself; ``math.inf`` as the rate switches that limit off.
    """

    service: str
    version: str
    clients_file: Path | str = CLIENTS
    secrets_dir: Path | str = SECRETS
    service_key_secret: str | None = None
    max_body: int = 1024 * 1024
    max_seconds: float = 60.0
    max_concurrent: int = 64
    rate: float = 50.0
    burst: int = 100
    checks: tuple[Check, ...] = ()
