"""A service's way out of the host: why it has one, and the destinations and ports that it leads to."""

import ipaddress
import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Port = Annotated[int, Field(ge=1, le=65535)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]

_NAME = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")


def _host(text: str) -> str:
    # Two dashes separate the ends in the name of a network, and a wall's words must not be mistaken for one.
    if not _NAME.fullmatch(text) or (text.startswith("garrison-") and "--" in text):
        raise ValueError(
            f"{text!r} is not a whole DNS name in lower case; "
            "write one such as models.example.net, or an address under 'net'"
        )
    return text


def _net(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a network or an address; write 203.0.113.0/24 or 203.0.113.7"
        ) from None
    if network.version != 4:
        raise ValueError(
            f"{text!r} can't be reached: containers' networks have IPv4 only; name an IPv4 network"
        )
    if network.prefixlen == 0:
        raise ValueError("this is the whole world; name the networks that the service really asks")
    return str(network.network_address) if network.prefixlen == 32 else str(network)


HostName = Annotated[str, AfterValidator(_host)]


class Destination(BaseModel):
    """A name or an IPv4 network, and the ports there; what isn't named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: HostName | None = None
    net: Annotated[str, AfterValidator(_net)] | None = None
    tcp: tuple[Port, ...] = ()
    udp: tuple[Port, ...] = ()

    @model_validator(mode="after")
    def _is_one_place_with_ports(self) -> Self:
        if (self.host is None) == (self.net is None):
            raise ValueError("a destination is either a 'host' or a 'net'; give one of them")
        if not self.tcp and not self.udp:
            raise ValueError("no port is open there; name those of 'tcp' or 'udp'")
        return self

    @property
    def place(self) -> str:
        """The name or the network."""
        return self.host or self.net or ""

    @property
    def ports(self) -> dict[str, tuple[int, ...]]:
        """The ports of each protocol that has some, in order."""
        pairs = (("tcp", self.tcp), ("udp", self.udp))
        return {protocol: tuple(sorted(set(ports))) for protocol, ports in pairs if ports}


class Egress(BaseModel):
    """``packs`` adds the hosts that the inventory's ``documentation_packs`` name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason
    to: tuple[Destination, ...] = ()
    packs: bool = False

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not self.to and not self.packs:
            raise ValueError(
                "it leads nowhere; name destinations under 'to', such as {host: models.example.net, tcp: [443]}"
            )
        return self
