"""``garrison secrets``: what the services of a host prove themselves with, and new values for it."""

import click

from garrison.cli.on_host import run_on_host

_INVENTORY = click.option("--inventory", default="inventory/lab.py", show_default=True)
_LIMIT = click.option("--limit", help="The host, when the inventory has several.")


@click.group()
def secrets() -> None:
    """Secrets between the services: list, rotate."""


@secrets.command("list")
@_INVENTORY
@_LIMIT
def list_secrets(inventory: str, limit: str | None) -> None:
    """Names, holders and ages as JSON, and how they lie on the disk; no value."""
    run_on_host(inventory, limit, "list-secrets")


@secrets.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "is_all", is_flag=True, help="Every secret between services.")
@_INVENTORY
@_LIMIT
def rotate(names: tuple[str, ...], is_all: bool, inventory: str, limit: str | None) -> None:
    """Give new values to secrets while the services go on serving; ends what an earlier run has begun."""
    if is_all and names:
        raise click.UsageError("Name secrets, or say --all.")
    run_on_host(inventory, limit, "rotate-secrets", *(("--all",) if is_all else names))
