"""Where a host sends its journal, as an inventory says it."""

import ipaddress
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from garrison.catalog.paths import AbsolutePath
from garrison.server_name import ServerName


class LogShipping(BaseModel):
    """A collector that speaks syslog over TLS (RFC 5425).

    ``name`` is what its certificate must bear, ``server`` where nothing is said; never an address, for rsyslog compares
    none with a certificate's (seen with 8.2504 and its OpenSSL driver). ``ca`` is a file of this machine with
    who vouches for it; without, those whom the host trusts anyway. ``certificate`` and ``key`` are files of the host,
    by which it shows who it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: ServerName
    port: Annotated[int, Field(ge=1, le=65535)] = 6514
    name: ServerName | None = None
    ca: Path | None = None
    certificate: AbsolutePath | None = None
    key: AbsolutePath | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a certificate needs its key, and a key its certificate")
        return self

    @model_validator(mode="after")
    def _peer_is_no_address(self) -> Self:
        try:
            ipaddress.ip_address(self.peer)
        except ValueError:
            return self
        raise ValueError(f"{self.peer} is an address; say as name which DNS name the certificate there bears")

    @property
    def peer(self) -> str:
        """The name that the collector's certificate must bear."""
        return self.name or self.server
