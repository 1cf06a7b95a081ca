"""Every container has its declared limits of memory, processors and processes."""

from collections.abc import Iterator

from garrison.catalog.model import parse_size
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
        ("cpu", f"{limits.cpus:g} processors", round(limits.cpus * 1e9), host.nano_cpus),
        ("pids", f"{limits.pids} processes", limits.pids, host.pids_limit),
    )
    for controller, declared, expected, found in rows:
        if found == expected:
            continue
        what = f"{declared} is its limit by service.yaml, {'none' if found <= 0 else found} is in force."
        if controller in wanted.delegated:
            remedy = "Remove the container and run the deploy again."
            yield Problem(where=pair.where, id=f"{ID}.{controller}", what=what, remedy=remedy)
        else:
            what = f"{what} The host has no {controller} controller to delegate."
            remedy = "Boot with cgroup v2 and its controllers, or waive it in inventory/waivers.yaml."
            yield Problem(where=pair.where, id=f"{ID}.undelegated", what=what, remedy=remedy)
