"""Phase 3.3 tracing. A request is one trace, from the door's client to the last service it reaches."""

from pyinfra.api import deploy

from garrison.rollout.phase import converge


@deploy("3.3 tracing")
def tracing() -> None:
    """A request is one trace, from the door's client to the last service it reaches."""
    converge("3.3")
