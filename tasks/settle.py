"""Phase settle. The release that passed every gate becomes the current one."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("settle")
def settle() -> None:
    """The release that passed every gate becomes the current one."""
    converge("settle")
