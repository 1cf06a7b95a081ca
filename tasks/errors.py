"""Phase 2.4 errors. Failures tell a client nothing but an id."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("2.4 errors")
def errors() -> None:
    """Failures tell a client nothing but an id."""
    converge("2.4")
