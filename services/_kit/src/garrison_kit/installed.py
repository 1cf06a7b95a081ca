"""What ``install`` gives back, whichever framework the service is built on."""

from dataclasses import dataclass

from garrison_kit.health import Readiness
from garrison_kit.metrics import Metrics


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What a service may need of the kit later: its metrics' registry, its readiness."""

    metrics: Metrics
    readiness: Readiness
