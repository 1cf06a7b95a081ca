"""Phase 3.2 metrics. Prometheus scrapes every service that has metrics."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("3.2 metrics")
def metrics() -> None:
    """Prometheus scrapes every service that has metrics."""
    converge("3.2")
