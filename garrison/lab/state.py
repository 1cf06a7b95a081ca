"""What a lab remembers between commands: its networks and its hosts."""

import os
import tempfile
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from garrison.lab import subnets
from garrison.lab.names import DOMAIN
from garrison.problem import Problem, ProblemError

MAX_HOSTS = 200


class Role(StrEnum):
    """What a host is for: the deploy's target, or a bare machine beside it."""

    STACK = "stack"
    BARE = "bare"


class HostState(BaseModel):
    """One host: its place in the networks and its role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    index: int
    role: Role = Role.STACK


class LabState(BaseModel):
    """One lab, as state.json holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    checkout: Path
    subnet: IPv4Network
    prefix6: IPv6Network
    hosts: dict[str, HostState] = {}

    def ipv4(self, host: str) -> IPv4Address:
        """Return the host's IPv4 address."""
        return subnets.host4(self.subnet, self.hosts[host].index)

    def ipv6(self, host: str) -> IPv6Address:
        """Return the host's IPv6 address."""
        return subnets.host6(self.prefix6, self.hosts[host].index)

    def with_host(self, name: str, role: Role | None) -> "LabState":
        """Return this state with one host more, or as it is where the host is there.

        A role is for good; raises ProblemError when the host has another than ``role``.
        """
        if name in self.hosts:
            if role not in (None, self.hosts[name].role):
                raise ProblemError([_other_role(name, self.hosts[name].role)])
            return self
        used = {host.index for host in self.hosts.values()}
        index = next(number for number in range(MAX_HOSTS) if number not in used)
        host = HostState(index=index, role=role or Role.STACK)
        return self.model_copy(update={"hosts": {**self.hosts, name: host}})

    def without_host(self, name: str) -> "LabState":
        """Return this state without the host."""
        return self.model_copy(update={"hosts": {n: h for n, h in self.hosts.items() if n != name}})


def _other_role(host: str, role: Role) -> Problem:
    return Problem(
        where=f"lab host {host}",
        id="lab-host-role",
        what=f"has the role {role} already.",
        remedy=f"Take it down first (garrison lab down --host {host}), or choose another name.",
    )


def full_name(host: str) -> str:
    """Return the host's name in the lab's domain."""
    return f"{host}.{DOMAIN}"


def parse_state(text: str, where: str) -> LabState:
    """Return the state in ``text``; raises ProblemError when it isn't one."""
    try:
        return LabState.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        location = ".".join(str(part) for part in first["loc"]) or "document"
        problem = Problem(
            where=where,
            id="lab-state-unreadable",
            what=f"is not a lab's state ({location}: {first['msg']}).",
            remedy="Run `make down` to remove the lab with all it holds, then `make up`.",
        )
        raise ProblemError([problem]) from error


def load_state(path: Path) -> LabState | None:
    """Return the recorded lab, or None where none is recorded; raises ProblemError on a broken file."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    return parse_state(text, str(path))


def save_state(path: Path, state: LabState) -> None:
    """Write ``state`` so that a reader sees the old or the new, and its checkout's owner can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(state.model_dump_json(indent=2) + "\n")
    new = Path(file.name)
    new.chmod(0o644)
    give_to_owner(new, state.checkout)
    new.replace(path)


def give_to_owner(path: Path, checkout: Path) -> None:
    """Make ``path`` belong to whom the checkout belongs: root runs the lab, a user reads it."""
    owner = checkout.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)
