"""``garrison keys``: who may come in. A key is made on the host, shown once, and kept there as a hash."""

import click

from garrison.cli.on_host import run_on_host

_INVENTORY = click.argument("inventory", default="inventory/lab.py")
_LIMIT = click.option("--limit", help="The host, when the inventory has several.")


@click.group()
def keys() -> None:
    """API keys of clients: add, list, rotate, revoke."""


@keys.command()
@click.argument("name")
@_INVENTORY
@_LIMIT
@click.option("--scopes", default="read,write", show_default=True, help="read, write, admin")
def add(name: str, inventory: str, limit: str | None, scopes: str) -> None:
    """Give client NAME a (further) key and print it, this once."""
    run_on_host(inventory, limit, "keys", "add", name, "--scopes", scopes)


@keys.command("list")
@_INVENTORY
@_LIMIT
def list_keys(inventory: str, limit: str | None) -> None:
    """Names, scopes, key ids and when a key ends, as JSON; the keys themselves are not kept."""
    run_on_host(inventory, limit, "keys", "list")


@keys.command()
@click.argument("name")
@_INVENTORY
@_LIMIT
@click.option(
    "--overlap", default="1h", show_default=True, help="How long the earlier keys hold: 90s, 30m, 7d."
)
def rotate(name: str, inventory: str, limit: str | None, overlap: str) -> None:
    """Give NAME a new key and print it, this once; its earlier keys end by themselves after the overlap."""
    run_on_host(inventory, limit, "keys", "rotate", name, "--overlap", overlap)


@keys.command()
@click.argument("name")
@_INVENTORY
@_LIMIT
@click.option("--key", help="Only the key with this id.")
def revoke(name: str, inventory: str, limit: str | None, key: str | None) -> None:
    """Take NAME's keys away, at once."""
    run_on_host(inventory, limit, "keys", "revoke", name, *(("--key", key) if key else ()))
