"""``garrison keys``: who may come in. A key is made on the host, shown once, and kept there as a hash."""

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
from garrison.rollout.runner import load_targets

_INVENTORY = click.argument("inventory", default="inventory/lab.py")
_LIMIT = click.option("--limit", help="The host, when the inventory has several.")


@click.group()
def keys() -> None:
    """API keys of clients: add, list, revoke."""


@keys.command()
@click.argument("name")
@_INVENTORY
@_LIMIT
@click.option("--scopes", default="read,write", show_default=True, help="read, write, admin")
def add(name: str, inventory: str, limit: str | None, scopes: str) -> None:
    """Give client NAME a (further) key and print it, this once."""
    _run(inventory, limit, "add", name, "--scopes", scopes)


@keys.command("list")
@_INVENTORY
@_LIMIT
def list_keys(inventory: str, limit: str | None) -> None:
    """Names, scopes and key ids as JSON; the keys themselves are not kept."""
    _run(inventory, limit, "list")


@keys.command()
@click.argument("name")
@_INVENTORY
@_LIMIT
@click.option("--key", help="Only the key with this id.")
def revoke(name: str, inventory: str, limit: str | None, key: str | None) -> None:
    """Take NAME's keys away, at once."""
    _run(inventory, limit, "revoke", name, *(("--key", key) if key else ()))


def _run(inventory: str, limit: str | None, *words: str) -> None:
    with _connected(inventory, limit) as host:
        good, output = host.run_shell_command(shlex.join([f"{LIB}/keys", *words]), _sudo=True)
    if not good:
        click.echo(output.stderr or "the host gave no answer; was it deployed?", err=True)
        sys.exit(1)
    click.echo(output.stdout)


@contextmanager
def _connected(inventory: str, limit: str | None) -> Iterator[Host]:
    targets = load_targets(inventory, limit, {})
    if len(targets) > 1:
        names = ", ".join(target.name for target in targets)
        raise ProblemError([Problem(where=inventory, id="keys.several-hosts", what=f"there are several hosts: {names}.",
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
