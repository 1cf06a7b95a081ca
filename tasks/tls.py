"""Phase 2.2 tls. The certificate, and the door behind it."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("2.2 tls")
def tls() -> None:
    """The certificate, and the door behind it."""
    converge("2.2")
