"""Runs one of the host's own programs, for commands that concern a single host."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import StateStage

from garrison.plan.step import LIB
from garrison.problem import Problem, ProblemError
from garrison.rollout.targets import load_targets


def run_on_host(inventory: str, limit: str | None, program: str, *words: str) -> None:
    """Run ``program`` as root on the one host and print what it says; exits with 1 when it fails."""
    with _connected(inventory, limit) as host:
        good, output = host.run_shell_command(shlex.join([f"{LIB}/{program}", *words]), _sudo=True)
    if output.stdout:
        click.echo(output.stdout)
    if not good:
        click.echo(output.stderr or "the host gave no answer; was it deployed?", err=True)
        sys.exit(1)


@contextmanager
def _connected(inventory: str, limit: str | None) -> Iterator[Host]:
    targets = load_targets(inventory, limit, {})
    if len(targets) > 1:
        names = ", ".join(target.name for target in targets)
        raise ProblemError([Problem(where=inventory, id="host.several", what=f"there are several hosts: {names}.",
                                    remedy="Choose one with --limit.")])  # fmt: skip
    state = State(Inventory(([(targets[0].name, targets[0].data)], {})), Config(FAIL_PERCENT=0))
    state.set_stage(StateStage.Connect)
    try:
        connect_all(state)
        (host,) = state.inventory
        yield host
    except PyinfraError as error:
        raise ProblemError([Problem(where=targets[0].name, id="host.unreachable", what=f"{error}.",
                                    remedy="Check the inventory; try: ssh USER@HOST true.")]) from error  # fmt: skip
    finally:
        disconnect_all(state)
