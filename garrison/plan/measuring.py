"""Containers are measured only where somebody shows it: elsewhere the timer and what it has left are taken away."""

from collections.abc import Iterator
from pathlib import Path

from garrison.plan.hostfiles import CONTAINERS, units_of
from garrison.plan.laying import withdraw_line
from garrison.plan.step import Command, Step, sh
from garrison.plan.wanted import Wanted
from garrison.render.container import HOST_METRICS
from garrison.snapshot.model import Snapshot

MEASURED = HOST_METRICS / "containers.prom"


def plan_unmeasured(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Takes the units of the measurement away where the host has them and shouldn't, and the last measurement."""
    units = units_of(CONTAINERS)
    found = [path for path in units if snapshot.files.get(path) and path not in wanted.host_files]
    if not found:
        return
    service, timer = (Path(path).name for path in units[:2])
    # A unit whose file is gone can't be named any more: it is stopped first. The timer's file goes last, so that a run
    # that is cut short is noticed by the next.
    yield Step(
        title="stop measuring containers",
        why="no service shows it any more",
        commands=(
            Command(line=f"if test -e {units[1]}; then systemctl stop {timer} {service}; fi"),
            sh("rm", "-f", str(MEASURED)),
            Command(line=withdraw_line(sorted(found, key=lambda path: path == units[1]))),
            sh("systemctl", "daemon-reload"),
        ),
    )
