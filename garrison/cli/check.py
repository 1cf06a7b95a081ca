"""``garrison check``: what must hold on the hosts, measured there, beside what was waived."""

import datetime
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from pyinfra.api import Config, Inventory, State, StringCommand
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import StateStage
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from garrison.evidence.checks import CHECKS
from garrison.evidence.look import Ask, Canary, look
from garrison.evidence.report import Outcome, Verdict, judge_host, judge_waivers
from garrison.evidence.waivers import PlacedWaiver, Waiver, load_waivers
from garrison.plan.step import Command
from garrison.problem import Problem, ProblemError
from garrison.rollout.runner import Target, load_targets
from garrison.settings import HostSettings

WAIVERS = "waivers.yaml"
_STYLES = {Outcome.PASSED: "green", Outcome.WAIVED: "yellow", Outcome.FAILED: "bold red"}


def _canary(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[Canary]:
    found = []
    for value in values:
        address, _, port = value.rpartition(":")
        if not address or not port.isdigit():
            raise click.BadParameter(f"{value!r}: write ADDRESS:PORT, for instance 192.0.2.1:443.")
        found.append((address.strip("[]"), int(port)))
    return found


@click.command()
@click.argument("inventory", default="inventory/lab.py")
@click.option("--limit", help="Only hosts that match this name, group or pattern.")
@click.option("--canary", "canaries", multiple=True, callback=_canary, metavar="ADDRESS:PORT",
              help="An address outside that the host reaches and no container may; may be given again.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(inventory: str, limit: str | None, canaries: list[Canary], as_json: bool) -> None:
    """Measure what must hold on every host of INVENTORY. Changes nothing."""
    today = datetime.datetime.now(datetime.UTC).date()
    waivers = load_waivers(Path(inventory).parent / WAIVERS, _known())
    verdicts = [judge_waivers(waivers, today)] if waivers else []
    for target in load_targets(inventory, limit, {}):
        click.echo(f"{target.name}: looking", err=True)
        verdicts += _check_host(target, canaries, waivers, today)
    if as_json:
        click.echo(json.dumps([_as_dict(verdict) for verdict in verdicts], indent=2))
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(_table(verdicts))
    sys.exit(1 if any(one.outcome is Outcome.FAILED for one in verdicts) else 0)


def _known() -> frozenset[str]:
    return frozenset(one.id for one in CHECKS)


def _check_host(
    target: Target, canaries: list[Canary], waivers: tuple[PlacedWaiver, ...], today: datetime.date
) -> tuple[Verdict, ...]:
    settings = HostSettings.from_data(f"inventory, host {target.name}:", target.data)
    with _connected(target) as ask:
        try:
            seen, wanted = look(ask, settings, canaries=canaries)
        except (ValueError, ValidationError) as error:
            raise ProblemError(
                [_unanswered(target.name, f"an answer of the host can't be read: {error}")]
            ) from error
    return judge_host(target.name, seen, wanted, waivers, today)


@contextmanager
def _connected(target: Target) -> Iterator[Ask]:
    state = State(Inventory(([(target.name, target.data)], {})), Config(FAIL_PERCENT=0))
    state.set_stage(StateStage.Connect)
    try:
        connect_all(state)
        (host,) = state.inventory
        yield lambda command: _ask(host, command)
    except PyinfraError as error:
        raise ProblemError([_unanswered(target.name, f"the host can't be reached: {error}.")]) from error
    finally:
        disconnect_all(state)


def _ask(host: Host, command: Command) -> str:
    good, output = host.run_shell_command(
        StringCommand(command.line), _sudo=True, _stdin=command.stdin, _timeout=command.timeout
    )
    if not good:
        raise ProblemError(
            [_unanswered(host.name, f"the host didn't answer: {output.stderr or 'without a word'}")]
        )
    return str(output.stdout)


def _unanswered(host: str, what: str) -> Problem:
    remedy = "Deploy it first (garrison deploy); then try: ssh USER@HOST sudo -n true."
    return Problem(where=host, id="check.unanswered", what=what, remedy=remedy)


def _table(verdicts: list[Verdict]) -> Table:
    table = Table(title="what must hold", title_justify="left", show_lines=True)
    for column in ("check", "host", "result", "finding and remedy"):
        table.add_column(column, overflow="fold")
    for verdict in verdicts:
        style = _STYLES[verdict.outcome]
        lines = list(_lines(verdict)) or [verdict.title]
        table.add_row(verdict.check, verdict.host, f"[{style}]{verdict.outcome}[/]", "\n".join(lines))
    return table


def _lines(verdict: Verdict) -> Iterator[str]:
    waived: dict[Waiver, list[str]] = {}
    for finding in verdict.findings:
        if finding.waiver:
            problem = finding.problem
            waived.setdefault(finding.waiver.waiver, []).append(escape(f"{problem.where}: {problem.what}"))
        else:
            yield escape(str(finding.problem))
    for waiver, said in waived.items():
        yield from said
        yield f"[yellow]Waived until {waiver.expires} by {escape(waiver.owner)}: {escape(waiver.reason)}[/]"


def _as_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.check,
        "title": verdict.title,
        "host": verdict.host,
        "result": str(verdict.outcome),
        "findings": [
            asdict(finding.problem)
            | {"waiver": finding.waiver.waiver.model_dump(mode="json") if finding.waiver else None}
            for finding in verdict.findings
        ],
    }
