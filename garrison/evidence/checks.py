"""Every live check with its title, in the order in which reports show them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from garrison.evidence import (
    confinement,
    containers,
    leaks,
    limits,
    mounts,
    networks,
    pairs,
    ports,
    secrets,
    stand_ins,
    supervision,
    walls,
)
from garrison.evidence.deployed import has_stack
from garrison.evidence.logs import Logs
from garrison.evidence.metrics import Measured
from garrison.evidence.probes import Handshakes, Leaks, Pairs, Provocations
from garrison.evidence.spans import Collected
from garrison.plan.exposure import MISSING, find_exposure
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that was seen on one host. What is None wasn't looked at.

    ``openly`` is what each service answered to who has no password and no key, by the words that ask-openly was given,
    ``measured`` what Prometheus says of targets and rules, ``spans`` what it and the collector say of spans, ``logs``
    how many lines of each service's log are no documents.
    """

    snapshot: Snapshot
    pairs: Pairs | None = None
    leaks: Leaks | None = None
    door: Handshakes | None = None
    errors: Provocations | None = None
    openly: Mapping[str, str | None] | None = None
    measured: Measured | None = None
    spans: Collected | None = None
    logs: Logs | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """``judge`` is pure: what was seen and what is wanted in, findings out."""

    id: str
    title: str
    judge: Callable[[Evidence, Wanted], list[Problem]]


def _snapshot(
    judge: Callable[[Snapshot, Wanted], list[Problem]],
) -> Callable[[Evidence, Wanted], list[Problem]]:
    return lambda seen, wanted: judge(seen.snapshot, wanted)


def _containers(
    check: str, judge: Callable[[Snapshot, Wanted], list[Problem]]
) -> Callable[[Evidence, Wanted], list[Problem]]:
    """A check of containers can't pass when Podman didn't tell which there are."""

    def judged(seen: Evidence, wanted: Wanted) -> list[Problem]:
        return [_unseen(check)] if seen.snapshot.containers is None else judge(seen.snapshot, wanted)

    return judged


def _unseen(check: str) -> Problem:
    return Problem(
        where="containers",
        id=f"{check}.unseen",
        what="Podman didn't say which there are, so nothing is known of them.",
        remedy="Look at: sudo /usr/local/lib/garrison/as-stack podman ps --all; then check again.",
    )


def _exposure(seen: Evidence, wanted: Wanted) -> list[Problem]:
    """On a host without a stack nobody misses the door; what listens there is judged all the same."""
    found = find_exposure(seen.snapshot, wanted)
    return found if has_stack(seen.snapshot) else [one for one in found if one.id != MISSING]


def _pairs(seen: Evidence, wanted: Wanted) -> list[Problem]:
    if seen.pairs is None:
        return [_unmeasured(pairs.ID, "try-pairs")]
    return pairs.find_pairs(seen.pairs, wanted)


def _walls(seen: Evidence, wanted: Wanted) -> list[Problem]:
    if seen.pairs is None:
        return [_unmeasured(walls.ID, "try-pairs")]
    return walls.find_fallen(seen.pairs, wanted)


def _leaks(seen: Evidence, wanted: Wanted) -> list[Problem]:
    if seen.leaks is None:
        return [_unmeasured(leaks.ID, "find-leaks")]
    return leaks.find_leaked(seen.leaks, wanted)


def _unmeasured(check: str, program: str) -> Problem:
    return Problem(
        where=program,
        id=f"{check}.unmeasured",
        what="it gave no answer, so nothing is known.",
        remedy=f"Run it by hand, as root, on the host: /usr/local/lib/garrison/{program}.",
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="exposure",
        title="The host listens where it should and nowhere else, IPv4 and IPv6",
        judge=_exposure,
    ),
    Check(
        id=ports.ID,
        title="Every published port is on 127.0.0.1, and only declared ones are published",
        judge=_containers(ports.ID, ports.find_published),
    ),
    Check(
        id=containers.ID,
        title="Exactly the declared containers run, from the planned images",
        judge=_snapshot(containers.find_sprawl),
    ),
    Check(
        id=stand_ins.ID,
        title="Every service runs an image of its own, none a lab's stand-in",
        judge=_containers(stand_ins.ID, stand_ins.find_stand_ins),
    ),
    Check(
        id=confinement.ID,
        title="Containers have one unprivileged user, no capability, a seccomp filter, a read-only root",
        judge=_containers(confinement.ID, confinement.find_unconfined),
    ),
    Check(
        id=mounts.ID,
        title="Containers see no file of the host but the declared ones, and no socket",
        judge=_containers(mounts.ID, mounts.find_mounts),
    ),
    Check(
        id=limits.ID,
        title="Containers have their declared limits of memory, processors and processes",
        judge=_containers(limits.ID, limits.find_unlimited),
    ),
    Check(
        id=supervision.ID,
        title="Containers are healthy, log to journald and start again when they end",
        judge=_containers(supervision.ID, supervision.find_unsupervised),
    ),
    Check(
        id=secrets.ID,
        title="Secrets are 0400 and the service's own, measured inside the containers, and no others are there",
        judge=_containers(secrets.ID, secrets.find_loose_secrets),
    ),
    Check(
        id=networks.ID,
        title="There is one internal, strictly isolated network for each need, with just its two ends",
        judge=_snapshot(networks.find_networks),
    ),
    Check(
        id=pairs.ID,
        title="Declared pairs connect by name and address; every other pair, the host and the outside don't",
        judge=_pairs,
    ),
    Check(
        id=walls.ID,
        title="Every container's own wall is up: it begins only the connections that its service declares",
        judge=_walls,
    ),
    Check(
        id=leaks.ID,
        title="No secret stands in environments, arguments, labels, the journal or files",
        judge=_leaks,
    ),
)
