"""Phase 2.5 exposure. Nothing listens that nobody declared."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("2.5 exposure")
def exposure() -> None:
    """Nothing listens that nobody declared."""
    converge("2.5")
