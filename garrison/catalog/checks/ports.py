"""Ports on the host: each belongs to one service."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.source import Location
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_host_ports(catalog: "Catalog") -> Iterator[Problem]:
    """No two services take one port of the host, be it on loopback or at the door."""
    claims = list(_claims(catalog))
    taken = {port for port, _, _ in claims}
    first: dict[int, tuple[str, Location]] = {}
    for port, name, location in claims:
        if port not in first:
            first[port] = (name, location)
            continue
        other, its_location = first[port]
        yield Problem(
            where=catalog.sources[name].where(*location),
            id="catalog.port-clash",
            what=f"port {port} is already used in {catalog.sources[other].where(*its_location)}.",
            remedy=f"Choose another; free is {_free(port, taken)}.",
        )


def _claims(catalog: "Catalog") -> Iterator[tuple[int, str, Location]]:
    for name, service in catalog.services.items():
        if service.door:
            yield service.door.http, name, ("door", "http")
            yield service.door.https, name, ("door", "https")
        for label, port in service.publish.items():
            yield port, name, ("publish", label)


def _free(port: int, taken: set[int]) -> int:
    return next(candidate for candidate in itertools.count(port + 1) if candidate not in taken)
