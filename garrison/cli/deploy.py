"""``garrison deploy``: the phases with progress, an event log and exit codes that can be trusted."""

import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from garrison.problem import Problem, ProblemError
from garrison.rollout.events import EventLog, Progress
from garrison.rollout.inputs import check_inputs
from garrison.rollout.runner import HostResult, deploy_host
from garrison.rollout.targets import Target, load_targets

LOGS = Path(".garrison/log")


@click.command()
@click.argument("inventory")
@click.option("--limit", help="Only hosts that match this name, group or pattern.")
@click.option("--through", help="Stop after this phase, for instance 2.2 or tls.")
@click.option("--phases", help="Only these phases, separated by commas.")
@click.option("--dry", is_flag=True, help="Show what would change, change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def deploy(
    inventory: str, limit: str | None, through: str | None, phases: str | None, dry: bool, as_json: bool
) -> None:
    """Bring every host of INVENTORY to what services/ and the inventory say."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    overrides = {key: value for key, value in {"through": through, "phases": phases}.items() if value}
    try:
        targets = load_targets(inventory, limit, overrides)
    except ProblemError as error:
        if as_json:
            click.echo(json.dumps([_as_dict(HostResult(host="", problems=error.problems))], indent=2))
        raise
    progress, log = Progress(Console(stderr=True)), EventLog(LOGS)
    log.write("run_started", inventory=inventory, hosts=[one.name for one in targets], dry=dry)
    try:
        results = _deploy_all(targets, progress, log, dry=dry)
    except (KeyboardInterrupt, SystemExit) as stop:
        log.write("run_stopped", by=type(stop).__name__)
        if isinstance(stop, SystemExit):  # what a KeyboardInterrupt says, it says for every command
            progress.say("terminated; what runs on the host may still finish there. Run again: it continues.")
        raise
    if as_json:
        click.echo(json.dumps([_as_dict(one) for one in results], indent=2))
    sys.exit(0 if all(one.is_good for one in results) else 1)


def _deploy_all(targets: list[Target], progress: Progress, log: EventLog, *, dry: bool) -> list[HostResult]:
    results = []
    faulty = check_inputs({one.name: one.data for one in targets})
    for target in targets:
        progress.say(f"{target.name}", style="bold")
        result = _refused(target, faulty) if faulty else deploy_host(target, progress, log, dry=dry)
        results.append(result)
        log.write("host_ended", host=result.host, good=result.is_good, failed=result.failed,
                  problems=[str(one) for one in result.problems])  # fmt: skip
        _report(result, progress, log, dry=dry)
    return results


def _refused(target: Target, faulty: Mapping[str, tuple[Problem, ...]]) -> HostResult:
    """A fault of one host stops the run for all of them: none is left half of a fleet."""
    if target.name in faulty:
        return HostResult(host=target.name, problems=faulty[target.name])
    others = Problem(
        where=target.name,
        id="inventory.others",
        what="not begun, because the inventory is at fault for another host.",
        remedy=f"Mend that, or leave {target.name} alone with --limit {target.name}.",
    )
    return HostResult(host=target.name, problems=(others,))


def _report(result: HostResult, progress: Progress, log: EventLog, *, dry: bool) -> None:
    for problem in result.problems:
        progress.say(f"  {problem}", style="red")
    if result.problems:
        progress.say(f"{result.host}: refused, nothing was changed.", style="bold red")
    elif result.failed is not None:
        progress.say(result.failed)
        progress.say(
            f"{result.host}: failed; current still points where it did. Log: {log.path}", style="bold red"
        )
    elif not result.planned:
        progress.say(f"{result.host}: unchanged: everything is as wanted.", style="green")
    elif dry:
        for step in result.planned:
            progress.say(f"  would {step}")
        progress.say(f"{result.host}: {len(result.planned)} changes, none made (--dry).")
    else:
        progress.say(f"{result.host}: done, {len(result.planned)} changes, every gate passed.", style="green")


def _as_dict(result: HostResult) -> dict[str, Any]:
    return {**asdict(result), "good": result.is_good, "changes": len(result.planned)}
