"""The objectives as series, which the rules on error budgets ask for."""

from collections.abc import Iterator

from garrison.catalog.catalog import Catalog
from garrison.catalog.objectives import Objectives

Record = dict[str, object]
GROUP = "objectives"
OF_SERVICES, OF_ROUTES = "job:objective:ratio", "route:objective:ratio"
# What the door's rules call all routes together.
ALL = "all"


def objective_records(catalog: Catalog, objectives: Objectives) -> tuple[Record, ...]:
    """A series for each service with metrics, for each route at the door, and for the door as a whole.

    ``job`` of a route is the service behind it, by which Alertmanager finds the service's own alerts beside the door's.
    """
    return tuple(_records(catalog, objectives))


def _records(catalog: Catalog, objectives: Objectives) -> Iterator[Record]:
    for service in catalog.scraped:
        yield _record(OF_SERVICES, objectives.of(service.name), job=service.name)
    for service in catalog.routed:
        if service.route:
            yield _record(OF_ROUTES, objectives.of(service.name), job=service.name, route=service.route.path)
    if catalog.door:
        yield _record(OF_ROUTES, objectives.of(catalog.door.name), job=catalog.door.name, route=ALL)


def _record(name: str, share: float, **labels: str) -> Record:
    return {"record": name, "expr": f"vector({share})", "labels": labels}
