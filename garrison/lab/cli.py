"""The ``lab`` commands."""

import json
import os
import sys
from collections.abc import Sequence

import click

from garrison.lab import apt, cgroups, lifecycle, outer, removal
from garrison.lab.access import ssh_argv
from garrison.lab.inventory import describe_hosts
from garrison.lab.lab import Lab, open_checkout
from garrison.lab.state import Role
from garrison.problem import ProblemError

_HOSTS = click.option("--host", "hosts", multiple=True, metavar="NAME", help="A host; may be given again.")


@click.group()
def lab() -> None:
    """Lab hosts: Debian machines of this checkout, on this machine."""
    # `su` keeps a user's PATH, in which ip and nft are not.
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


@lab.command()
@_HOSTS
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="What new hosts are for (default: stack); a deploy passes over bare ones.",
)
def up(hosts: Sequence[str], role: str | None) -> None:
    """Bring hosts up, by default one called `lab`."""
    lifecycle.up(open_checkout(), hosts or ["lab"], Role(role) if role else None)


@lab.command()
@_HOSTS
@click.option("--vanished", is_flag=True, help="Remove the labs of checkouts that are gone instead.")
def down(hosts: Sequence[str], *, vanished: bool) -> None:
    """Remove hosts, by default the whole lab, without a trace."""
    if vanished:
        removal.down_vanished(open_checkout())
    else:
        removal.down(open_checkout(), hosts)


@lab.command()
@click.argument("host", default="lab")
def reboot(host: str) -> None:
    """Reboot HOST and wait until it is ready again."""
    lifecycle.reboot(open_checkout(), host)


@lab.command()
@click.argument("host", default="lab")
def address(host: str) -> None:
    """Print the IPv4 address of HOST."""
    click.echo(open_checkout().require(host).ipv4(host))


@lab.command(context_settings={"ignore_unknown_options": True})
@click.argument("host", default="lab")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def shell(host: str, command: Sequence[str]) -> None:
    """Open a shell in HOST, or run COMMAND there: `lab shell lab -- uptime`."""
    here = open_checkout()
    argv = ssh_argv(here.places, str(here.require(host).ipv4(host)), command)
    os.execvp(argv[0], argv)  # noqa: S606 - our own argument list, no shell


@lab.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show the lab's hosts: address, role, whether they run."""
    here = open_checkout()
    rows = _rows(here)
    if as_json:
        click.echo(json.dumps({"lab": here.names.lab_id, "hosts": rows}, indent=2))
        return
    for row in rows:
        click.echo("  ".join(f"{row[key]:<{width}}" for key, width in _WIDTHS.items()).rstrip())
    if not rows:
        click.echo("lab: no hosts; `make up` makes one", err=True)


_WIDTHS = {"name": 12, "state": 8, "role": 6, "ipv4": 15, "ipv6": 24}


def _rows(here: Lab) -> list[dict[str, str]]:
    state = here.recorded()
    if state is None:
        return []
    return [
        {
            "name": name,
            "state": "running" if cgroups.is_loop_running(here.groups(name)) else "stopped",
            "role": host.role.value,
            "ipv4": str(state.ipv4(name)),
            "ipv6": str(state.ipv6(name)),
            "root": str(here.places.root(name)),
            "console": str(here.places.console(name)),
        }
        for name, host in sorted(state.hosts.items())
    ]


@lab.command()
def hosts() -> None:
    """Print the hosts a deploy is for, with their data, as JSON."""
    here = open_checkout()
    described = describe_hosts(here.places, here.recorded(), outer.list_certificates())
    click.echo(json.dumps(dict(described), indent=2))


@lab.command(hidden=True)
@click.argument("suite")
def mirror(suite: str) -> None:
    """Print a sources file for Debian's SUITE that takes what this machine's own apt is set up with."""
    click.echo(apt.render_sources(apt.read_mirrors(), suite))


def main() -> None:
    """Run the commands on their own; problems go to stderr and end with 1."""
    try:
        lab(prog_name="python -m garrison.lab")
    except ProblemError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
