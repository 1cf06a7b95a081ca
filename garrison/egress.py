"""What the stack user may reach, as an inventory says it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, IPvAnyNetwork

Port = Annotated[int, Field(ge=1, le=65535)]


class Destination(BaseModel):
    """A network (or one address) and its ports; without ports, everything there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    net: IPvAnyNetwork
    tcp: tuple[Port, ...] = ()
    udp: tuple[Port, ...] = ()

    @property
    def allowed(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Protocols with their ports, in order; empty when nothing is said of ports."""
        pairs = (("tcp", self.tcp), ("udp", self.udp))
        return tuple((protocol, tuple(sorted(set(ports)))) for protocol, ports in pairs if ports)


class Egress(BaseModel):
    """``to`` is what the stack user may reach, ``dns`` the resolvers it may ask; the rest is refused and logged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: tuple[Destination, ...] = ()
    dns: tuple[IPvAnyAddress, ...] = ()
