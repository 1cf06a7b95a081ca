"""Changes of a run that ended before it had proven them."""

import shlex

from pyinfra.api import StringCommand
from pyinfra.api.host import Host

from garrison.plan.guarded import PROGRAM
from garrison.problem import Problem, ProblemError
from garrison.snapshot.guards import GuardState

BECAUSE = "the run that made it ended before it had proven it"


def take_back(host: Host, guards: GuardState) -> tuple[str, ...]:
    """Have the host do at once what it would do by itself within two minutes; the plan needs firm ground.

    Returns a sentence about each. Raises ProblemError when the host can't do it.
    """
    said = []
    for one in guards.armed:
        line = shlex.join([PROGRAM, "revert", one.name, "--because", BECAUSE])
        done, output = host.run_shell_command(StringCommand(line), _sudo=True, _timeout=120)
        if not done:
            raise ProblemError([_stuck(host.name, one.name, output.stderr)])
        if one.is_readable:  # of what isn't, the host says itself what it could do
            said.append(f"the change under the guard {one.name!r} of {one.armed} is taken back: {BECAUSE}.")
    return tuple(said)


def _stuck(host: str, name: str, said: str) -> Problem:
    return Problem(
        where=host,
        id="guard.stuck",
        what=f"an unproven change can't be taken back: {said}",
        remedy=f"Look at it on the host: sudo {PROGRAM} status; sudo {PROGRAM} revert {name}.",
    )
