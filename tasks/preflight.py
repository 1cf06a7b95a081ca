"""Phase 0 preflight. Everything that would stop the deploy, found before the first change."""

from pyinfra.api import deploy

from garrison.rollout.phase import begin


@deploy("0 preflight")
def preflight() -> None:
    """Looks at the host once; the whole plan follows from that look, or the run is refused."""
    begin()
