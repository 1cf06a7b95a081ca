"""``garrison logs``: what the services say, and one request followed through all of them."""

import re
import sys

import click
from rich.console import Console

from garrison.catalog.loader import load_catalog
from garrison.evidence.look import Ask
from garrison.logs.journal import ask_journal, read_lines
from garrison.logs.line import Level, Line
from garrison.logs.shown import as_text, as_waterfall
from garrison.logs.when import for_journalctl
from garrison.plan.expect import PROJECT
from garrison.problem import Problem, ProblemError
from garrison.rollout.events import Progress
from garrison.rollout.fleet import look_at_all
from garrison.rollout.targets import Target, load_targets
from garrison.settings import HostSettings

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LEVELS = [level.value for level in Level]
BAD_INPUT = 2


@click.command()
@click.argument("services", nargs=-1)
@click.option("--inventory", default="inventory/lab.py", show_default=True, help="The hosts to ask.")
@click.option("--limit", help="Only hosts that match this name, group or pattern.")
@click.option(
    "--request", "request_id", metavar="ID", help="One request (X-Request-ID) through all services."
)
@click.option("--since", default="1h", show_default=True, help="90s, 10m, 2h, 3d, today, or a time (UTC).")
@click.option("--until", help="The same forms.")
@click.option("--level", type=click.Choice(_LEVELS), default=_LEVELS[0], help="At least this level.")
@click.option(
    "--lines", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="The last, a host."
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each, all of one schema.")
def logs(
    services: tuple[str, ...], inventory: str, limit: str | None, request_id: str | None, since: str, until: str | None,
    level: str, lines: int, as_json: bool,
) -> None:  # fmt: skip
    """Show what SERVICES (all, if none is named) wrote to the journals of the hosts.

    Exit code 0: something was found; 1: nothing; 2: a host or the input is no good.
    """
    try:
        times = (for_journalctl("--since", since), for_journalctl("--until", until) if until else None)
        pattern = _pattern(request_id)
        targets = load_targets(inventory, limit, {})
    except ProblemError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)

    def read(target: Target, ask: Ask) -> list[Line]:
        settings = HostSettings.from_data(f"inventory, host {target.name}:", target.data)
        names = _known(services, settings, target.name)
        command = ask_journal(
            settings.stack_user, names, since=times[0], until=times[1], pattern=pattern, at_most=lines
        )
        return [
            line
            for line in read_lines(ask(command).splitlines(), searched=pattern is not None)
            if Level(line.level).rank >= Level(level).rank
        ]

    found: list[tuple[str, Line]] = []
    problems: list[Problem] = []
    for looked in look_at_all(targets, read, 8, Progress(Console(stderr=True))):
        problems += looked.problems
        found += [(looked.target.name, line) for line in looked.seen or ()]
        if looked.seen and len(looked.seen) >= lines:
            click.echo(
                f"{looked.target.name}: only the last {lines} lines; --lines or --since changes that.",
                err=True,
            )
    for problem in problems:
        click.echo(str(problem), err=True)
    if request_id:
        found = [(host, line) for host, line in found if line.request_id == request_id]
    _show(found, request_id, as_json=as_json, several=len(targets) > 1)
    if not found and not problems:
        click.echo("Nothing was found; --since reaches further back.", err=True)
    sys.exit(BAD_INPUT if problems else int(not found))


def _show(found: list[tuple[str, Line]], request_id: str | None, *, as_json: bool, several: bool) -> None:
    found = sorted(found, key=lambda one: one[1].timestamp)
    if as_json:
        for _, line in found:
            click.echo(line.to_json())
    elif request_id and found:
        Console(highlight=False).print(as_waterfall(request_id, [line for _, line in found]))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for host, line in found:
            console.print(as_text(line, host=host if several else None))


def _pattern(request_id: str | None) -> str | None:
    """A pattern for exactly this text: every allowed character but the dot stands for itself."""
    if request_id is None:
        return None
    if not _ID.fullmatch(request_id):
        raise ProblemError([Problem(where="--request", id="logs.request", what="that is no request id.",
                                    remedy="It stands in an answer's X-Request-ID header.")])  # fmt: skip
    return request_id.replace(".", r"\.")


def _known(services: tuple[str, ...], settings: HostSettings, host: str) -> tuple[str, ...]:
    catalog = load_catalog((PROJECT / "services", *settings.services_dirs)).select(settings.profiles)
    unknown = sorted(set(services) - set(catalog.services))
    if unknown:
        raise ProblemError([Problem(where=host, id="logs.service", what=f"there is no service {', '.join(unknown)}.",
                                    remedy=f"There are {', '.join(catalog.services)}.")])  # fmt: skip
    return services or tuple(catalog.services)
