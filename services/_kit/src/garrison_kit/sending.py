"""What goes along with each call to another service: request id, trace, and whom the call is made for."""

import ipaddress
import re

import httpx

from garrison_kit import clients, request_id, tracing
from garrison_kit.clients import ALL_SCOPES, Client

CLIENT_HEADER = "X-Client"
_SERVICE_NAME = re.compile(r"[a-z][a-z0-9-]*")


def add_headers(request: httpx.Request, *, for_client: bool) -> None:
    """Add the headers of the request being served to ``request``; those that it has stay.

    Whom the call is made for is told to the stack's own services only, and only ``for_client``.
    """
    found = {**request_id.outbound_headers(), **tracing.outbound_headers()}
    client = clients.current()
    if for_client and client is not None and not _is_service(client) and _is_inside(request.url.host):
        found[CLIENT_HEADER] = client.name
    for name, value in found.items():
        request.headers.setdefault(name, value)


def _is_service(client: Client) -> bool:
    # The key between services has no entry in the clients' file: another service would not know its name.
    return client.name == "service" and client.scopes == ALL_SCOPES and not client.via_door


def _is_inside(host: str) -> bool:
    # The stack's networks know services by names of one word; a name with a dot or an address is somebody else's.
    if _SERVICE_NAME.fullmatch(host):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
