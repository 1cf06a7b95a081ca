"""The commands of ``garrison``, as one group."""

import click

from garrison.cli.check import check
from garrison.cli.deploy import deploy
from garrison.cli.drift import drift
from garrison.cli.guide import guide
from garrison.cli.keys import keys
from garrison.lab.cli import lab


@click.group()
@click.version_option(package_name="garrison")
def garrison() -> None:
    """Turns a bare Linux machine into a hardened host for a private AI stack, and proves what it did."""


for command in (check, deploy, drift, guide, keys, lab):
    garrison.add_command(command)
