"""``garrison cert``: which certificates the doors have and until when, and new ones now."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
from pyinfra.api.host import Host

from garrison.cli.authority import authority
from garrison.cli.connected import connected, say
from garrison.plan.step import LIB, Command, Exchange, Step, sh
from garrison.rollout.inputs import read_settings
from garrison.tls.issuer import make_issuer

_INVENTORY = click.argument("inventory", default="inventory/lab.py")
_LIMIT = click.option("--limit", help="Only these hosts.")


@click.group()
def cert() -> None:
    """The doors' certificates: show, renew; the fleet's CA: replace."""


cert.add_command(authority)


@cert.command()
@_INVENTORY
@_LIMIT
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def show(inventory: str, limit: str | None, as_json: bool) -> None:
    """Which certificates each host has, from whom, until when, and whether its door serves them."""
    found: dict[str, Any] = {}
    with connected(inventory, limit) as hosts:
        for host in hosts:
            found[host.name] = json.loads(say(host, sh(f"{LIB}/tls-status")))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, one in found.items():
        click.echo("\n".join(_lines(name, one)))


@cert.command()
@_INVENTORY
@_LIMIT
def renew(inventory: str, limit: str | None) -> None:
    """Bring each host new certificates now; its door changes over without a pause, or keeps what it has."""
    with connected(inventory, limit) as hosts:
        for host in hosts:
            settings = read_settings(host.name, host.data.dict())
            if settings.tls.acme:
                wait = 2 * settings.tls.acme.timeout + 120
                say(host, sh(f"{LIB}/tls-renew", "--now", timeout=wait))
            else:
                _carry_out(host, make_issuer(settings).issue("asked for", later=False))
            click.echo(f"{host.name}: renewed")


def _lines(name: str, found: dict[str, Any]) -> Iterator[str]:
    if not found["certificates"]:
        yield f"{name}: no certificate. Run garrison deploy."
    for kind, one in found["certificates"].items():
        served = "served" if one["served"] else "NOT SERVED"
        ends, due = (datetime.fromtimestamp(one[key], UTC) for key in ("not_after", "renew"))
        yield f"{name} {kind.upper()}: {', '.join(one['names'])}"
        yield f"  {served}, from {found['source']}, ends {ends:%Y-%m-%d %H:%M} UTC, due {due:%Y-%m-%d}"
        yield f"  issuer {one['issuer']}, SHA-256 {one['sha256'][:16]}…"
    if found["unfinished"]:
        yield f"{name}: a change was begun and not proven. Run garrison deploy, or: garrison cert renew."
    last = found["last_run"]
    if last and not last["good"]:
        yield f"{name}: the last renewal failed: {last['fault']}"


def _carry_out(host: Host, step: Step) -> None:
    for command in step.commands:
        if isinstance(command, Exchange):
            for answer in command.answer(say(host, command.ask)):
                say(host, answer)
        elif isinstance(command, Command):
            say(host, command)
