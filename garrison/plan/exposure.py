"""Whether a host listens where it should and nowhere else."""

import json
from collections.abc import Iterator

from garrison.hardening.ruleset import ssh_ports
from garrison.plan.step import Command, sh
from garrison.plan.wanted import Wanted
from garrison.problem import Problem, ProblemError
from garrison.snapshot.model import Listener, Snapshot

DHCP_CLIENT = (68, 546)
# As the kernel shortens them: systemd-networkd, and the two clients that Debian has.
DHCP_PROGRAMS = ("systemd-network", "dhclient", "dhcpcd")
MISSING = "exposure.missing"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - the door, and nothing else, is there for everybody


def find_exposure(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Every socket that differs from what is declared; the gate of phase 2.5 and the live check both ask this.

    The stack user's sockets must be exactly the declared ones, loopback included. Of everybody else's, only
    those count that a neighbour could reach: SSH and ``allowed_listeners`` are all there may be.
    """
    if snapshot.listeners is None:
        return [
            Problem(
                where="listeners",
                id="exposure.unknown",
                what="the host didn't say what listens on it.",
                remedy="Install iproute2 there: `ss -Htulnpe` has to work as root.",
            )
        ]
    declared = declared_listeners(wanted)
    return [*_unexpected(snapshot, wanted, declared), *_missing(snapshot.listeners, wanted, declared)]


def declared_listeners(wanted: Wanted) -> frozenset[tuple[str, int]]:
    """Address and TCP port of every socket that the stack user holds on the host itself."""
    pairs = {
        ("127.0.0.1", port)
        for service in wanted.catalog.services.values()
        for port in service.publish.values()
    }
    if wanted.catalog.door and wanted.catalog.door.door:
        door = wanted.catalog.door.door
        pairs |= {(address, port) for address in EVERYWHERE for port in (door.http, door.https)}
    return frozenset(pairs)


def find_undeclared(snapshot: Snapshot, wanted: Wanted) -> tuple[Listener, ...]:
    """Sockets of others than the stack user that a neighbour could reach and nothing declares."""
    ssh = ssh_ports(snapshot)
    return tuple(
        one
        for one in snapshot.listeners or ()
        if one.uid != wanted.settings.stack_uid and not one.is_loopback and not _is_allowed(one, ssh, wanted)
    )


def judge_listeners(answer: str, wanted: Wanted) -> tuple[Command, ...]:
    """Raises ProblemError with every finding in a collector's answer; nothing further to run otherwise."""
    problems = find_exposure(Snapshot.parse(json.loads(answer)), wanted)
    if problems:
        raise ProblemError(problems)
    return (sh("true"),)


def _unexpected(
    snapshot: Snapshot, wanted: Wanted, declared: frozenset[tuple[str, int]]
) -> Iterator[Problem]:
    undeclared = find_undeclared(snapshot, wanted)
    for one in snapshot.listeners or ():
        is_ours = one.uid == wanted.settings.stack_uid
        if is_ours and not _is_declared(one, declared):
            yield Problem(
                where=str(one),
                id="exposure.unexpected",
                what=f"{one.process or 'a program'} of the stack user listens there, and no service declares it.",
                remedy="Stop it, or declare the port in the service.yaml that it belongs to.",
            )
        elif not is_ours and _is_declared(one, declared):
            yield Problem(
                where=str(one),
                id="exposure.taken",
                what=f"{one.process or 'a program'} of uid {one.uid} holds a port of the stack.",
                remedy="Stop it, then run the deploy again.",
            )
        elif one in undeclared:
            yield Problem(
                where=str(one),
                id="exposure.unexpected",
                what=f"{one.process or 'a program'} of uid {one.uid} listens there, and nothing declares it.",
                remedy="Stop it, bind it to 127.0.0.1, or list it in allowed_listeners in the inventory.",
            )


def _missing(
    listeners: tuple[Listener, ...], wanted: Wanted, declared: frozenset[tuple[str, int]]
) -> Iterator[Problem]:
    ours = {
        (one.address, one.port)
        for one in listeners
        if one.protocol == "tcp" and one.uid == wanted.settings.stack_uid
    }
    for address, port in sorted(declared - ours):
        yield Problem(
            where=f"tcp [{address}]:{port}" if ":" in address else f"tcp {address}:{port}",
            id=MISSING,
            what="the stack doesn't listen there.",
            remedy="Run the deploy again; `garrison deploy --phases network,tls` starts what should listen.",
        )


def _is_declared(one: Listener, declared: frozenset[tuple[str, int]]) -> bool:
    return one.protocol == "tcp" and (one.address, one.port) in declared


def _is_allowed(one: Listener, ssh: tuple[int, ...], wanted: Wanted) -> bool:
    """SSH where sshd has it, the client that keeps the host's own address, and what the inventory lists."""
    if one.protocol == "tcp" and one.port in ssh:
        return True
    if one.protocol == "udp" and one.port in DHCP_CLIENT and one.process in DHCP_PROGRAMS:
        return True
    return f"{one.protocol}/{one.port}" in wanted.settings.allowed_listeners
