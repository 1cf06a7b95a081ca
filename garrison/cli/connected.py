"""Commands on the hosts of an inventory, each over one connection."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import StateStage

from garrison.plan.step import Command
from garrison.problem import Problem, ProblemError
from garrison.rollout.targets import load_targets


def say(host: Host, command: Command) -> str:
    """What a command of root's says on a host. Ends the program when it fails."""
    done, output = host.run_shell_command(
        command.line, _sudo=True, _stdin=command.stdin, _timeout=command.timeout
    )
    if not done:
        click.echo(f"{host.name}: {output.stderr or 'it gave no answer; was it deployed?'}", err=True)
        sys.exit(1)
    return str(output.stdout)


@contextmanager
def connected(inventory: str, limit: str | None) -> Iterator[Sequence[Host]]:
    """The hosts of an inventory, over SSH, while the block runs. Raises ProblemError."""
    targets = load_targets(inventory, limit, {})
    state = State(Inventory(([(one.name, one.data) for one in targets], {})), Config(FAIL_PERCENT=0))
    state.set_stage(StateStage.Connect)
    try:
        connect_all(state)
        yield list(state.inventory)
    except PyinfraError as error:
        raise ProblemError([Problem(where=inventory, id="host.unreachable", what=f"{error}.",
                                    remedy="Check the inventory; try: ssh USER@HOST true.")]) from error  # fmt: skip
    finally:
        disconnect_all(state)
