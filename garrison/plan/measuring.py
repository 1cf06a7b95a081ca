"""What the host measures where somebody shows it: elsewhere the timers and what they have left are taken away."""

from collections.abc import Iterator
from pathlib import Path

from garrison.catalog.catalog import Catalog
from garrison.plan.hostfiles import CONTAINERS, GPUS, LOGS, MEASURING, units_of
from garrison.plan.laying import withdraw_line
from garrison.plan.step import Command, Step, sh
from garrison.plan.wanted import Wanted
from garrison.render.places import HOST_METRICS
from garrison.snapshot.model import Snapshot


def measured_on(catalog: Catalog, *, has_gpu: bool) -> tuple[str, ...]:
    """What a timer measures on a host with these services."""
    return (CONTAINERS, LOGS, *((GPUS,) if has_gpu else ())) if catalog.measures_host else ()


def plan_unmeasured(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Takes the units of a measurement away where the host has them and shouldn't, and the last measurement."""
    for name in MEASURING:
        units = units_of(name)
        found = [path for path in units if snapshot.files.get(path) and path not in wanted.host_files]
        if found:
            yield _stop(name, units, found)


def _stop(name: str, units: tuple[str, str, str], found: list[str]) -> Step:
    service, timer, _ = units
    # A unit whose file is gone can't be named any more: it is stopped first, where it is still there. The timer's file
    # goes last, so that a run that is cut short is noticed by the next.
    return Step(
        title=f"stop measuring {name}",
        why="nobody shows it any more",
        commands=(
            *(
                Command(line=f"if test -e {path}; then systemctl stop {Path(path).name}; fi")
                for path in (timer, service)
            ),
            # One that has failed last, as without a driver, would stay failed also once its file is gone.
            sh("systemctl", "reset-failed", f"garrison-{name}.*"),
            sh("rm", "-f", str(HOST_METRICS / f"{name}.prom")),
            Command(line=withdraw_line(sorted(found, key=lambda path: path == timer))),
            sh("systemctl", "daemon-reload"),
        ),
    )
