"""``garrison drift``: what somebody changed on the hosts since the last deploy."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from garrison.cli.check import BAD_INPUT, WAIVERS
from garrison.cli.rules import load_rules
from garrison.controls.model import DEPLOY_HOST
from garrison.evidence import laid
from garrison.evidence.look import Ask, look
from garrison.plan.laying import EDITS, LAID
from garrison.plan.step import Command, sh
from garrison.problem import Problem, ProblemError
from garrison.report.drift import Drift, FileDrift, Laid, find_drift, to_document
from garrison.report.measured import judge_all
from garrison.report.redact import redact_problem
from garrison.report.rules import Rules
from garrison.rollout.events import Progress
from garrison.rollout.fleet import look_at_all
from garrison.rollout.targets import Target, load_targets
from garrison.settings import HostSettings

_PROGRAM = Path(laid.__file__).read_text(encoding="utf-8")
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("inventory", default="inventory/lab.py")
@click.option("--limit", help="Only hosts that match this name, group or pattern.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Hosts at a time.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def drift(inventory: str, limit: str | None, jobs: int, as_json: bool) -> None:
    """Show what changed on every host of INVENTORY since its last deploy. Changes nothing."""
    try:
        rules = load_rules(Path(inventory).parent / WAIVERS)
        targets = load_targets(inventory, limit, {})
        found, problems = _look(targets, rules, jobs)
    except ProblemError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)
    for problem in problems:
        click.echo(str(problem), err=True)
    if as_json:
        click.echo(json.dumps(to_document(found), indent=2))
    else:
        for one in found:
            _show(one, Console(highlight=False, soft_wrap=True))
    sys.exit(BAD_INPUT if problems else int(any(one.has_drifted for one in found)))


def _look(targets: list[Target], rules: Rules, jobs: int) -> tuple[list[Drift], list[Problem]]:
    def judge(target: Target, ask: Ask) -> Drift:
        settings = HostSettings.from_data(f"inventory, host {target.name}:", target.data)
        seen, wanted = look(ask, settings, probes=False)
        results = judge_all(target.name, seen, wanted, rules, settings.hardening, walked=False)
        files = {**wanted.host_files, **wanted.hardening_files}
        answer = ask(Command(line=_ask_laid(list(files)).line, stdin=_PROGRAM))
        return find_drift(target.name, Laid.model_validate_json(answer), files, results, DEPLOY_HOST)

    found: list[Drift] = []
    problems: list[Problem] = []
    for looked in look_at_all(targets, judge, jobs, Progress(Console(stderr=True))):
        problems += [redact_problem(one) for one in looked.problems]
        found += [looked.seen] if looked.seen else []
    return found, problems


def _ask_laid(paths: list[str]) -> Command:
    return sh("python3", "-I", "-", json.dumps({"laid": LAID, "also": sorted(paths)}))


def _show(found: Drift, console: Console) -> None:
    if not found.has_drifted:
        since = "since the last deploy" if found.copies else "that a deploy laid (none has laid anything yet)"
        console.print(f"{found.host}: nothing changed {since}.", style="green", markup=False)
    else:
        console.print(f"{found.host}:", style="bold", markup=False)
    for file in found.files:
        _show_file(file, console)
    if found.pending:
        _show_pending(found, console)
    else:
        _show_settings(found, console)
    if found.has_drifted:
        kept = f"keeps edited files on {found.host} in {EDITS}"
        console.print(
            f"  → `garrison deploy` puts back what is ours, and {kept}.", style="bold", markup=False
        )


def _show_file(file: FileDrift, console: Console) -> None:
    note = f", {file.note}" if file.note else ""
    console.print(f"  {file.path}: {file.kind}{note}", style="bold yellow", markup=False)
    for line in file.diff:
        console.print(f"    {line}", style=_COLOURS.get(line[:1], ""), markup=False)


def _show_settings(found: Drift, console: Console) -> None:
    for one in found.settings:
        console.print(f"  {one.control}  {one.title}: it doesn't any more", style="bold yellow", markup=False)
        for problem in one.failures:
            console.print(f"    {problem.where}: {problem.what}", markup=False)


def _show_pending(found: Drift, console: Console) -> None:
    what = f"{len(found.pending)} files of this working tree were never laid here"
    unknown = f"whether the {len(found.settings)} settings that don't hold ever did isn't known"
    console.print(f"  {what} (garrison deploy --dry), so {unknown}.", style="dim", markup=False)
