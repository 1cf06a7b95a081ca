"""Phase 1.1 host. Packages, the stack user, and the files that rootless Podman works by."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("1.1 host")
def host() -> None:
    """Packages, the stack user, and the files that rootless Podman works by."""
    converge("1.1")
