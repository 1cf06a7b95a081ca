"""What the programs on the host, try-pairs, find-leaks, look-door and look-errors, answer."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Result = Literal["connected", "refused", "unreachable", "timeout"]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Tried(_Answer):
    """A container of try-pairs; addresses of both families and gateways by network.

    Under "" are the addresses of interfaces that Podman doesn't know of.
    """

    name: str
    addresses: dict[str, tuple[str, ...]]
    gateways: dict[str, str]
    nameservers: tuple[str, ...]
    ports: tuple[int, ...]


class Connection(_Answer):
    """One attempt. ``refused`` means that something answered, so packets got there."""

    source: str = Field(alias="from")
    kind: Literal["peer", "gateway", "host", "canary"]
    to: str
    address: str
    port: int
    protocol: Literal["tcp", "udp", "icmp"] = "tcp"
    result: Result

    @property
    def has_arrived(self) -> bool:
        return self.result in ("connected", "refused")


class Lookup(_Answer):
    """One name that a container asked its name servers for; ``to`` is empty for a name of the world."""

    source: str = Field(alias="from")
    to: str
    name: str
    addresses: tuple[str, ...]


class Wall(_Answer):
    """What a container's annotation asks of its wall, the rules that this means, and those in force."""

    name: str
    asked: str | None
    wanted: tuple[str, ...] | None
    found: tuple[str, ...] | None


class Pairs(_Answer):
    """``control`` is what the host itself reached of the canaries: without it, silence proves nothing.

    ``told`` are the addresses that the host finds for the names that walls let through.
    """

    containers: tuple[Tried, ...]
    connections: tuple[Connection, ...]
    names: tuple[Lookup, ...]
    control: Mapping[str, Result]
    told: Mapping[str, tuple[str, ...]]
    walls: tuple[Wall, ...]


class Leak(_Answer):
    """Where a secret was found, and how it was written down."""

    secret: str
    form: str
    place: str


class Leaks(_Answer):
    """The names of the secrets that were looked for, and how much was searched."""

    secrets: tuple[str, ...]
    too_short: tuple[str, ...]
    searched: dict[str, int]
    leaks: tuple[Leak, ...]


class Handshakes(_Answer):
    """What the door does with a client: None is what couldn't be tried, and so isn't known.

    ``suites`` are those of TLS 1.2, ``redirect`` status and location of plain HTTP, ``certificate`` PEM,
    ``certificates`` what is shown to a client that takes just one kind of key.
    """

    versions: dict[str, bool]
    suites: tuple[str, ...]
    groups: dict[str, bool | None]
    follows_client: bool | None
    gives_tickets: bool | None
    certificate: str | None
    certificates: dict[str, str | None] = Field(default={})
    transport_security: str | None
    redirect: tuple[int, str] | None


class Provoked(_Answer):
    """A request that has to fail, and what came back; ``logged`` says whether its error_id is in the journal.

    ``way`` is https, http, or plain for HTTP where TLS is spoken; ``status`` is None where nothing came back.
    """

    case: str
    way: Literal["https", "http", "plain"]
    line: str
    wanted: tuple[int, ...]
    status: int | None
    headers: dict[str, str]
    body: str
    logged: bool


class Origin(_Answer):
    """A header by which a request claimed to come from elsewhere, and the address in the access log."""

    header: str
    logged: str | None


class Provocations(_Answer):
    """``asked_from`` is the address that all of it was really asked from."""

    answers: tuple[Provoked, ...]
    asked_from: str
    origins: tuple[Origin, ...]
