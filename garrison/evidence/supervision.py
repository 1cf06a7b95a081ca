"""Every container is watched (a health check that passes), logged to journald, and started again when it ends."""

from collections.abc import Iterator

from garrison.evidence.expected import Pair, pair_up
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.render.container import probe_command
from garrison.snapshot.model import Snapshot

ID = "containers-are-supervised"
_REMEDY = "Remove the container and run the deploy again."
_DOOR_UNIT = "garrison-door.service"


def find_unsupervised(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Health, log driver and restart: what keeps a container serving when nobody looks."""
    problems: list[Problem] = []
    for pair in pair_up(snapshot, wanted):
        container = next(one for one in snapshot.containers or () if one.name == pair.found.name)
        problems += [*_health(pair, container.health), *_log(pair), *_restart(pair, snapshot)]
    return problems


def _health(pair: Pair, health: str) -> Iterator[Problem]:
    check = pair.found.config.healthcheck
    words = check.test if check else ()
    probe = probe_command(pair.service)
    if words[1:] != probe and probe != words:
        found = " ".join(words) or "none"
        yield _problem(pair, "probe", f"its health check is {found}, declared is {' '.join(probe)}.")
    if health != "healthy":
        remedy = f"Ask it: sudo /usr/local/lib/garrison/as-stack podman healthcheck run {pair.found.name}."
        yield _problem(pair, "health", f"it is {health or 'without a health check'}, not healthy.", remedy)


def _log(pair: Pair) -> Iterator[Problem]:
    driver = pair.found.host_config.log_config.type
    if driver != "journald":
        yield _problem(pair, "log", f"it logs by {driver or 'nothing'}, not by journald.")


def _restart(pair: Pair, snapshot: Snapshot) -> Iterator[Problem]:
    if pair.rendered.is_door:
        unit = (snapshot.user_units or {}).get(_DOOR_UNIT)
        if unit is None or unit.active != "active":
            state = unit.active if unit else "absent"
            remedy = f"Look: sudo /usr/local/lib/garrison/as-stack systemctl --user status {_DOOR_UNIT}."
            yield _problem(pair, "unit", f"its unit {_DOOR_UNIT} is {state}.", remedy)
        return
    policy = pair.found.host_config.restart_policy.name
    if policy != "always":
        yield _problem(pair, "restart", f"its restart policy is {policy or 'none'}, not always.")


def _problem(pair: Pair, key: str, what: str, remedy: str = _REMEDY) -> Problem:
    return Problem(where=pair.where, id=f"{ID}.{key}", what=what, remedy=remedy)
