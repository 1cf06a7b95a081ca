"""Phase 2.3 auth. Nobody gets in without a key."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("2.3 auth")
def auth() -> None:
    """Nobody gets in without a key."""
    converge("2.3")
