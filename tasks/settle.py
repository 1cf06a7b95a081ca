"""Phase settle. The release that passed every gate becomes the current one, and the run has passed."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge, finish


@deploy("settle")
def settle() -> None:
    """The release that passed every gate becomes the current one, and the run has passed."""
    converge("settle")
    finish()
