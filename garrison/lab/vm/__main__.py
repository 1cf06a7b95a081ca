"""``python -m garrison.lab.vm up|shell|down``: the full machine by hand."""

import os
import sys
from collections.abc import Sequence

import click

from garrison.lab.lab import open_checkout
from garrison.lab.vm import argv, machine
from garrison.lab.vm.places import VmPlaces
from garrison.problem import ProblemError


@click.group()
def vm() -> None:
    """The full machine of this checkout, under QEMU."""


@vm.command()
def up() -> None:
    """Make and boot it: some minutes, and a core is busy as long as it is up."""
    machine.up(open_checkout())


@vm.command()
def down() -> None:
    """Remove it without a trace (QEMU itself stays in the cache)."""
    machine.down(open_checkout())


@vm.command(context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(command: Sequence[str]) -> None:
    """Open a shell in it, or run COMMAND there."""
    lab = open_checkout()
    places = VmPlaces(lab=lab.places)
    words = argv.ssh_argv(places.ssh_key, places.known_hosts, machine.up(lab).ssh_port, command)
    os.execvp(words[0], words)  # noqa: S606 - our own argument list, no shell


try:
    vm(prog_name="python -m garrison.lab.vm")
except ProblemError as error:
    click.echo(str(error), err=True)
    sys.exit(1)
