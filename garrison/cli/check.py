"""``garrison check``: what must hold on the hosts, measured there, beside what deviates and what was waived."""

import datetime
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from garrison.cli.choose import Choice, choose
from garrison.cli.outputs import FORMATS, show, write_files
from garrison.cli.rules import load_rules
from garrison.controls.model import LEVELS, Level
from garrison.evidence.look import Ask, Canary, look
from garrison.problem import Problem, ProblemError
from garrison.report.baseline import compare, read_baseline
from garrison.report.metrics import publish_line
from garrison.report.redact import redact_report
from garrison.report.remedies import name_inventory
from garrison.report.result import Key, Report, Result
from garrison.report.rules import Rules
from garrison.rollout.events import Progress
from garrison.rollout.fleet import look_at_all
from garrison.rollout.targets import Target, load_targets
from garrison.settings import HostSettings

WAIVERS = "waivers.yaml"
BAD_INPUT = 2
_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line says about how to look and by what to judge."""

    level: Level | None
    choice: Choice
    canaries: tuple[Canary, ...] = field(default=())
    walks: bool = True
    publish: bool = False


def _canaries(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Canary, ...]:
    found = []
    for value in values:
        address, _, port = value.rpartition(":")
        if not address or not port.isdigit():
            raise click.BadParameter(f"{value!r}: write ADDRESS:PORT, for instance 192.0.2.1:443.")
        found.append((address.strip("[]"), int(port)))
    return tuple(found)


def _bad_input_is_2(command: Callable[..., None]) -> Callable[..., None]:
    """1 says that a control failed; what couldn't even be judged says 2."""

    @wraps(command)
    def run(*, as_json: bool, **words: Any) -> None:
        try:
            command(as_json=as_json, **words)
        except ProblemError as error:
            if as_json:
                click.echo(
                    json.dumps({"schema": 1, "exit": BAD_INPUT, "problems": _plain(error.problems)}, indent=2)
                )
            click.echo(str(error), err=True)
            sys.exit(BAD_INPUT)

    return run


@click.command()
@click.argument("inventory", default="inventory/lab.py")
@click.option("--limit", help="Only hosts that match this name, group or pattern.")
@click.option("--level", type=click.Choice(LEVELS), help="Hold every host to this level instead of its own.")
@click.option(
    "--controls", "patterns", help="Only these controls: ids or patterns such as S*, separated by commas."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="Hosts at a time.")
@click.option(
    "--canary",
    "canaries",
    multiple=True,
    callback=_canaries,
    metavar="ADDRESS:PORT",
    help="An address outside that the host reaches and no container may; may be given again.",
)
@click.option(
    "--walks/--quick", default=True, help="Look through whole file systems too (seconds), or don't."
)
@click.option(
    "--publish",
    is_flag=True,
    help="Leave the result on each host as metrics, for its Prometheus and its alerts.",
)
@click.option("--all", "show_all", is_flag=True, help="Give each control a line of its own.")
@click.option("--failed", "only_failed", is_flag=True, help="Show only what failed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--junit", type=_FILE, help="Write the result as JUnit XML.")
@click.option("--sarif", type=_FILE, help="Write the result as SARIF 2.1.0.")
@click.option("--oscal", type=_FILE, help="Write the result as OSCAL assessment results, in JSON.")
@click.option("--html", type=_FILE, help="Write the result as one HTML page.")
@click.option("--save", type=_FILE, help="Write the result as JSON, to compare later runs with.")
@click.option("--against", type=_FILE, help="Fail only for what didn't fail in this earlier result.")
@_bad_input_is_2
def check(
    *,
    inventory: str,
    limit: str | None,
    level: Level | None,
    patterns: str | None,
    jobs: int,
    walks: bool,
    canaries: tuple[Canary, ...],
    publish: bool,
    show_all: bool,
    only_failed: bool,
    as_json: bool,
    against: Path | None,
    **files: Path | None,
) -> None:
    """Measure what must hold on every host of INVENTORY. Changes nothing, but for what --publish writes.

    A note for root stays in /run of how far the journal was searched for secrets.
    """
    if publish and patterns:
        raise click.UsageError("--publish tells of all controls; leave --controls away.")
    before = _read(against) if against else None
    rules = load_rules(Path(inventory).parent / WAIVERS)
    targets = load_targets(inventory, limit, {})
    choice = choose(patterns, rules.controls, rules.deviations)
    asked = Asked(level=level, choice=choice, canaries=canaries, walks=walks, publish=publish)
    report = _look(inventory, targets, rules, asked, jobs)
    if before is not None:
        report = compare(report, before)
    write_files(report, {name: path for name, path in files.items() if path and name in FORMATS})
    show(report, as_json=as_json, show_all=show_all, only_failed=only_failed)
    sys.exit(report.exit_code)


def _look(inventory: str, targets: list[Target], rules: Rules, asked: Asked, jobs: int) -> Report:
    settings = {one.name: HostSettings.from_data(f"inventory, host {one.name}:", one.data) for one in targets}
    levels: dict[str, Level] = {name: asked.level or one.hardening for name, one in settings.items()}
    progress = Progress(Console(stderr=True))
    results: list[Result] = []
    unanswered: dict[str, tuple[Problem, ...]] = {}

    def judge(target: Target, ask: Ask) -> tuple[Result, ...]:
        seen, wanted = look(
            ask,
            settings[target.name],
            canaries=asked.canaries,
            probes=asked.choice.needs_probes,
            walks=asked.walks,
            meanwhile=_load_judges,
        )
        from garrison.report.measured import judge_all

        found = tuple(judge_all(target.name, seen, wanted, rules, levels[target.name], walked=asked.walks))
        if asked.publish:
            ask(publish_line(found))
        return asked.choice.pick(found)

    for looked in look_at_all(targets, judge, jobs, progress):
        name = looked.target.name
        results += name_inventory(looked.seen or (), inventory, limit=len(targets) > 1)
        if looked.problems:
            unanswered[name] = looked.problems
        progress.say(f"{name}: {'no answer' if looked.problems else 'looked at'}", style="dim")
    from garrison.report.measured import result_of_waivers

    results = [*asked.choice.pick(result_of_waivers(rules)), *results]
    time = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return redact_report(
        Report(inventory=inventory, time=time, levels=levels, results=tuple(results), unanswered=unanswered)
    )


def _load_judges() -> None:
    """It loads what is wanted too, as look() has done by then."""
    import garrison.report.measured  # noqa: F401 - loaded for whoever needs it next


def _read(path: Path) -> frozenset[Key]:
    try:
        return read_baseline(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(where=str(path), id="baseline.missing", what=f"it can't be read: {error}.",
                          remedy="Write one with: garrison check --save FILE.")  # fmt: skip
        raise ProblemError([problem]) from error


def _plain(problems: tuple[Problem, ...]) -> list[Mapping[str, str]]:
    return [{"id": one.id, "where": one.where, "what": one.what, "remedy": one.remedy} for one in problems]
