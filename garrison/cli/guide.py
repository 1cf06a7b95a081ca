"""``garrison guide``: what serves where, how to get a key, and a first line to try."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from garrison.catalog.catalog import Catalog
from garrison.catalog.loader import load_catalog
from garrison.plan.expect import PROJECT
from garrison.rollout.targets import Target, load_targets
from garrison.settings import HostSettings


@click.command()
@click.argument("inventory", default="inventory/lab.py")
@click.option("--limit", help="Only hosts that match.")
def guide(inventory: str, limit: str | None) -> None:
    """Show what serves where on the hosts of INVENTORY and what to try next."""
    console = Console()
    for target in load_targets(inventory, limit, {}):
        settings = HostSettings.from_data(f"inventory, host {target.name}:", target.data)
        catalog = load_catalog((PROJECT / "services", *settings.services_dirs)).select(settings.profiles)
        console.print(_table(target.name, catalog, _reachable(target, settings)))
        for line in next_steps(inventory, target, settings, catalog):
            click.echo(line)


def _reachable(target: Target, settings: HostSettings) -> str:
    """The name to put into an address: the one that surely resolves is the one that SSH uses."""
    ssh = str(target.data.get("ssh_hostname", ""))
    name = ssh if ssh in settings.server_names else settings.server_names[0]
    return f"[{name}]" if ":" in name else name


def _table(host: str, catalog: Catalog, name: str) -> Table:
    table = Table(title=f"{host}: what serves where", title_justify="left")
    for column in ("service", "what it is", "through the door", "on the host itself"):
        table.add_column(column, overflow="fold")
    door = catalog.door.door if catalog.door else None
    for service in catalog.services.values():
        route = f"https://{name}:{door.https}{service.route.path}" if door and service.route else "-"
        local = ", ".join(f"127.0.0.1:{port}" for port in service.publish.values()) or "-"
        if service.door:
            route, local = (
                f"https://{name}:{service.door.https}/",
                f":{service.door.http} (redirects), :{service.door.https}",
            )
        table.add_row(service.name, service.title, route, local)
    return table


def next_steps(inventory: str, target: Target, settings: HostSettings, catalog: Catalog) -> list[str]:
    """The lines below the table; the curl line works as printed, from this directory."""
    garrison = ".venv/bin/garrison" if Path(".venv/bin/garrison").exists() else "garrison"
    where = f"{inventory} --limit {target.name}"
    trust = f"--cacert {settings.ca_dir / 'ca.crt'}" if settings.tls.mode == "fleet" else ""
    lines = [
        f"A key for a client:  {garrison} keys add NAME {where}   (shown once; the host keeps its hash)",
    ]
    if trust:
        lines.append(f"The CA certificate:  {settings.ca_dir / 'ca.crt'}   (clients verify the door with it)")
    aidb = catalog.services.get("aidb")
    if catalog.door and catalog.door.door and aidb and aidb.route:
        url = f"https://{_reachable(target, settings)}:{catalog.door.door.https}{aidb.route.path}documents"
        key = f'"X-API-Key: $({garrison} keys add first-look {where})"'
        lines += ["Try next, in this directory:", f"  curl {trust} -H {key} {url}"]
    return lines
