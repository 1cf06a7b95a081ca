"""The door and what it leads to."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.model import Service
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_doors(catalog: "Catalog") -> Iterator[Problem]:
    """There is one door at most, it exists when there are routes, and it can check keys."""
    doors = [service for service in catalog.services.values() if service.door]
    for extra in doors[1:]:
        yield Problem(
            where=catalog.sources[extra.name].where("door"),
            id="catalog.two-doors",
            what=f"there is a door already, in {catalog.sources[doors[0].name].where('door')}.",
            remedy="Keep one; a second way in is a second place to defend.",
        )
    if not doors:
        yield from check_door_exists(catalog)
    elif any(service.route.auth == "key" for service in catalog.routed if service.route):
        yield from _check_door_knows_keys(catalog, doors[0])


def check_door_exists(catalog: "Catalog") -> Iterator[Problem]:
    """Routes lead somewhere only when a service is the door."""
    if catalog.door:
        return
    for service in catalog.routed:
        yield Problem(
            where=catalog.sources[service.name].where("route"),
            id="catalog.no-door",
            what="the service has a route, but no service is the door.",
            remedy="Add a service with 'door' (the project's is nginx), or take 'route' out.",
        )


def check_routes(catalog: "Catalog") -> Iterator[Problem]:
    """Every route has a path of its own, and somebody behind it who checks the caller."""
    owners: dict[str, str] = {}
    for service in catalog.routed:
        assert service.route is not None  # noqa: S101 - what 'routed' means
        where = catalog.sources[service.name].where
        if service.route.path in owners:
            yield Problem(
                where=where("route", "path"),
                id="catalog.route-clash",
                what=f"the path {service.route.path} is already taken in "
                f"{catalog.sources[owners[service.route.path]].where('route', 'path')}.",
                remedy="Choose another path for one of the two.",
            )
        owners.setdefault(service.route.path, service.name)
        if service.door:
            yield Problem(
                where=where("route"),
                id="catalog.door-routed",
                what="the door has a route to itself.",
                remedy="Take 'route' out.",
            )
        elif service.route.auth == "key" and not service.verifies_keys and service.credential is None:
            yield Problem(
                where=where("route"),
                id="catalog.unchecked-route",
                what="the route asks for a key, but nothing behind the door would check one.",
                remedy="Add 'verifies_keys: true' (it reads /run/clients) or 'credential: shared'.",
            )


def _check_door_knows_keys(catalog: "Catalog", door: Service) -> Iterator[Problem]:
    if not door.verifies_keys:
        yield Problem(
            where=catalog.sources[door.name].where("door"),
            id="catalog.door-without-keys",
            what="there are routes that ask for a key, but the door has no list of keys.",
            remedy="Add 'verifies_keys: true' to the door.",
        )
