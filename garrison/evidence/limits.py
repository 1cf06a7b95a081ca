"""Every container has its declared limits of memory, processors and processes."""

from collections.abc import Iterator

from garrison.catalog.size import parse_size
from garrison.evidence.expected import Pair, pair_up
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

ID = "containers-are-limited"


def find_unlimited(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Limits that aren't the declared ones. Where the host delegates no controller, they can't be: a waiver's case."""
    return [problem for pair in pair_up(snapshot, wanted) for problem in _judge(pair, wanted)]


def _judge(pair: Pair, wanted: Wanted) -> Iterator[Problem]:
    limits, host = pair.service.limits, pair.found.host_config
    rows: tuple[tuple[str, str, int, int], ...] = (
        ("memory", limits.memory, parse_size(limits.memory), host.memory),
        ("cpu", f"{limits.cpus:g} cpus", round(limits.cpus * 1e9), host.nano_cpus),
        ("pids", f"{limits.pids} processes", limits.pids, host.pids_limit),
    )
    for controller, said, declared, found in rows:
        if declared == found:
            continue
        if controller in wanted.delegated:
            what = f"{said} is its limit by service.yaml, {'none' if found <= 0 else found} is in force."
            remedy = "Remove the container and run the deploy again."
            yield Problem(where=pair.where, id=f"{ID}.{controller}", what=what, remedy=remedy)
        else:
            what = (
                f"its limit ({said}) isn't in force: the host doesn't delegate the controller {controller}."
            )
            remedy = "Boot with cgroup v2 and its controllers, or waive it in inventory/waivers.yaml."
            yield Problem(where=pair.where, id=f"{ID}.undelegated.{controller}", what=what, remedy=remedy)
