"""The commands of ``garrison``, as one group; each is loaded only when it is asked for."""

from collections.abc import Mapping
from importlib import import_module

import click

# By name, the module that has a command of that name.
COMMANDS: Mapping[str, str] = {
    "cert": "garrison.cli.cert",
    "check": "garrison.cli.check",
    "deploy": "garrison.cli.deploy",
    "drift": "garrison.cli.drift",
    "guide": "garrison.cli.guide",
    "keys": "garrison.cli.keys",
    "lab": "garrison.lab.cli",
    "logs": "garrison.cli.logs",
    "secrets": "garrison.cli.secrets",
}


class Commands(click.Group):
    """Loading all of them takes longer than asking a host."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their names, in order."""
        return sorted(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """The command of this name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Commands)
@click.version_option(package_name="garrison")
def garrison() -> None:
    """Turns a bare Linux machine into a hardened host for a private AI stack, and proves what it did."""
