"""A name that a machine is called by in a certificate: a DNS name or an address."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

_DNS_NAME = re.compile(
    r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
)


def _server_name(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if not _DNS_NAME.fullmatch(text):
            raise ValueError(f"{text!r} is neither an IP address nor a lower-case DNS name") from None
        return text


ServerName = Annotated[str, AfterValidator(_server_name)]
