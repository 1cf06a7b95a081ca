"""Services are published on the host's loopback or not at all; only the door is there for everybody."""

from collections.abc import Iterator

from garrison.evidence.expected import Pair, pair_up
from garrison.evidence.inspected import Inspected
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

ID = "ports-are-on-loopback"
LOOPBACK = "127.0.0.1"


def find_published(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Published ports that aren't the declared ones. The door publishes none: systemd holds its sockets."""
    problems = [problem for _, problem in find_undeclared(snapshot, wanted)]
    for pair in pair_up(snapshot, wanted):
        problems += [
            Problem(
                where=f"{pair.where} port {inside}",
                id=f"{ID}.missing",
                what=f"it isn't published at {address}:{port}.",
                remedy="Remove the container and run the deploy again.",
            )
            for address, port, inside in sorted(_declared(pair) - set(_bindings(pair.found)))
        ]
    return problems


def find_undeclared(snapshot: Snapshot, wanted: Wanted) -> Iterator[tuple[str, Problem]]:
    """Each port that is published and not declared, with the name of its service."""
    for pair in pair_up(snapshot, wanted):
        for address, port, inside in sorted(set(_bindings(pair.found)) - _declared(pair)):
            what = f"it is published at {address or 'every address'}:{port}, which service.yaml doesn't say."
            yield (
                pair.service.name,
                Problem(
                    where=f"{pair.where} port {inside}",
                    id=f"{ID}.undeclared",
                    what=what,
                    remedy="Remove the container and run the deploy again.",
                ),
            )


def _declared(pair: Pair) -> set[tuple[str, int, str]]:
    return {
        (LOOPBACK, port, f"{pair.service.listen[label]}/tcp") for label, port in pair.service.publish.items()
    }


def _bindings(found: Inspected) -> Iterator[tuple[str, int, str]]:
    for inside, bindings in found.host_config.port_bindings.items():
        for binding in bindings or ():
            yield binding.host_ip, int(binding.host_port or 0), inside
