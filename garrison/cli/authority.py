"""``garrison cert authority``: a new CA for the fleet, in three steps between which clients go on."""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from garrison.cli.connected import connected, say
from garrison.plan.step import LIB, sh
from garrison.rollout.inputs import read_settings
from garrison.rollout.targets import load_targets
from garrison.tls import succession
from garrison.tls.authority import CERTIFICATE, PASSPHRASE_VARIABLE, Authority

_INVENTORY = click.argument("inventory", default="inventory/lab.py")


@click.group()
def authority() -> None:
    """The fleet's CA: begin a next one, switch to it, end the earlier one."""


@authority.command()
@_INVENTORY
def begin(inventory: str) -> None:
    """Make the next CA; ca.crt then holds both, for every client to trust before you switch."""
    for folder in _folders(inventory):
        succession.begin(folder, _passphrase(), datetime.now(UTC))
        click.echo(
            f"{folder / CERTIFICATE} holds both CAs: give it to every client, run garrison deploy, then: "
            "garrison cert authority switch"
        )


@authority.command()
@_INVENTORY
def switch(inventory: str) -> None:
    """Have the next CA sign; hosts change over at the next deploy, clients still trust both."""
    for folder in _folders(inventory):
        succession.switch(folder, _passphrase())
        click.echo(f"{folder}: the new CA signs. Run garrison deploy, then: garrison cert authority end")


@authority.command()
@_INVENTORY
def end(inventory: str) -> None:
    """Have clients trust the new CA alone, once no host has a certificate of the earlier one."""
    folders = _folders(inventory)
    left = list(_of_another(inventory))
    if left:
        click.echo("\n".join(left), err=True)
        sys.exit(1)
    for folder in folders:
        succession.end(folder, _passphrase(), datetime.now(UTC))
        click.echo(
            f"{folder / CERTIFICATE} holds the new CA alone: give it to every client, run garrison deploy"
        )


def _passphrase() -> str | None:
    return os.environ.get(PASSPHRASE_VARIABLE)


def _folders(inventory: str) -> list[Path]:
    """Where the CAs of the inventory's hosts lie."""
    settings = [read_settings(one.name, one.data) for one in load_targets(inventory, None, {})]
    found = sorted({one.ca_dir for one in settings if one.tls.mode == "fleet"})
    if not found:
        click.echo(f"{inventory}: no host has certificates of the fleet's own CA.", err=True)
        sys.exit(2)
    return found


def _of_another(inventory: str) -> Iterator[str]:
    """A sentence for each host that shows a certificate which the CA that signs now hasn't signed."""
    with connected(inventory, None) as hosts:
        for host in hosts:
            settings = read_settings(host.name, host.data.dict())
            if settings.tls.mode != "fleet":
                continue
            signs = Authority.open(settings.ca_dir, _passphrase(), datetime.now(UTC)).certificate
            shown = json.loads(say(host, sh(f"{LIB}/tls-status")))["certificates"]
            issuers = {one["issuer"] for one in shown.values()}
            if issuers != {signs.subject.rfc4514_string()}:
                yield f"{host.name} has certificates of {', '.join(sorted(issuers)) or 'nobody'}. Run garrison deploy."
