"""Phase 2.1 network. One network for each need, secrets, images, the release, and the services in order."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("2.1 network")
def network() -> None:
    """One network for each need, secrets, images, the release, and the services in order."""
    converge("2.1")
