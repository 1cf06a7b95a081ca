"""Whether a host listens where it should and nowhere else."""

import json

from garrison.plan.step import Command, sh
from garrison.plan.wanted import Wanted
from garrison.problem import Problem, ProblemError
from garrison.snapshot.model import Listener, Snapshot

SSH = 22
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - the door, and nothing else, is there for everybody


def find_exposure(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Every socket that a neighbour could reach and nobody declared, and every declared one that is missing."""
    listeners = snapshot.listeners or ()
    declared = _declared(wanted)
    found = {(one.address, one.port) for one in listeners if one.protocol == "tcp"}
    problems = [
        Problem(
            where=str(one),
            id="exposure.unexpected",
            what=f"{one.process or 'a program'} of uid {one.uid} listens there, and nothing declares it.",
            remedy="Stop it, bind it to 127.0.0.1, or list it in allowed_listeners in the inventory.",
        )
        for one in listeners
        if not one.is_loopback and not _is_allowed(one, declared, wanted)
    ]
    problems += [
        Problem(
            where=f"tcp {address}:{port}",
            id="exposure.missing",
            what="nothing listens there.",
            remedy="Run the deploy again; `garrison deploy --phases network,tls` starts what should listen.",
        )
        for address, port in sorted(declared - found)
    ]
    return problems


def _declared(wanted: Wanted) -> frozenset[tuple[str, int]]:
    pairs = {
        ("127.0.0.1", port)
        for service in wanted.catalog.services.values()
        for port in service.publish.values()
    }
    if wanted.catalog.door and wanted.catalog.door.door:
        door = wanted.catalog.door.door
        pairs |= {(address, port) for address in EVERYWHERE for port in (door.http, door.https)}
    return frozenset(pairs)


def _is_allowed(one: Listener, declared: frozenset[tuple[str, int]], wanted: Wanted) -> bool:
    if one.protocol == "tcp" and (one.port == SSH or (one.address, one.port) in declared):
        return True
    return f"{one.protocol}/{one.port}" in wanted.settings.allowed_listeners


def judge_listeners(answer: str, wanted: Wanted) -> tuple[Command, ...]:
    """Raises ProblemError with every finding in a collector's answer; nothing further to run otherwise."""
    problems = find_exposure(Snapshot.parse(json.loads(answer)), wanted)
    if problems:
        raise ProblemError(problems)
    return (sh("true"),)
