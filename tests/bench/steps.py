"""Minutes of a deploy by group of steps, from its event log: ``python -m tests.bench.steps LOG [--as cold] …``."""

import argparse
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bench.report import Row, Section, keep

# A step's title, as the log has it after its phase; the first that fits names the group.
GROUPS = (
    (r"install ", "packages"),
    (r"make the base image", "base image"),
    (r"(?:build|pull) the image of (\S+)", "image of {}"),
    (r"start \S+?,? ", "services, each until it is ready"),
    (r"prove ", "gates"),
)
REST = "files, accounts, networks, secrets, certificate"


def group_of(step: str) -> str:
    """The group of a step, from its line in the log."""
    title = step.partition(" | ")[2] or step
    for pattern, group in GROUPS:
        if found := re.match(pattern, title):
            return group.format(*found.groups())
    return REST


def sum_steps(lines: Iterable[str], host: str | None) -> dict[str, float]:
    """Seconds by group, in the order of their first step. ``host`` None takes the log's only host.

    Raises ValueError when a step failed, or when there are several hosts and none is named.
    """
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    ended = [one for one in events if one["event"] in {"step_done", "step_failed"}]
    hosts = {one["host"] for one in ended}
    if host is None and len(hosts) > 1:
        raise ValueError(f"the log has several hosts, name one: --host {' | '.join(sorted(hosts))}")
    seconds: dict[str, float] = {}
    for one in ended:
        if host in (None, one["host"]):
            if one["event"] == "step_failed":
                raise ValueError(f"a step failed, so this is no deploy to measure: {one['step']}")
            group = group_of(one["step"])
            seconds[group] = seconds.get(group, 0.0) + one["seconds"]
    if not seconds:
        raise ValueError("the log has no step of that host: was it a no-op?")
    return seconds


def section(seconds: dict[str, float], name: str, log: str) -> Section:
    """The table, with its sum."""
    rows = [Row(what=group, figures={"minutes": spent / 60}) for group, spent in seconds.items()]
    rows.append(Row(what="**together**", figures={"minutes": sum(seconds.values()) / 60}))
    return Section(id=f"up-{name}", method=f"from the event log {log}.", rows=tuple(rows))


def main() -> None:
    """Print the table, and keep it for docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.steps", description=__doc__)
    parser.add_argument("log", type=Path, help="a file of .garrison/log")
    parser.add_argument("--host", help="which, when the log has several")
    parser.add_argument(
        "--as", dest="name", default="warm", choices=("cold", "warm"), help="which table it is"
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="WHAT=SECONDS",
        help="what no log has, for instance lab=95",
    )
    words = parser.parse_args()
    try:
        before = {what: float(spent) for what, _, spent in (one.rpartition("=") for one in words.also)}
        with words.log.open(encoding="utf-8") as lines:
            seconds = before | sum_steps(lines, words.host)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    keep(section(seconds, words.name, words.log.name))


if __name__ == "__main__":
    main()
