"""Panels: each file can be read, belongs to a service that is measured, and one service at most shows them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.panels import panels_path, read_panels
from garrison.catalog.source import shown
from garrison.problem import Problem, ProblemError

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_panels(catalog: "Catalog") -> Iterator[Problem]:
    """What is wrong in a service's panels, and panels that no page shows."""
    for name, service in catalog.services.items():
        path = panels_path(catalog.folder(name))
        if path is None:
            continue
        try:
            read_panels(name, path)
        except ProblemError as error:
            yield from error.problems
        if service.metrics is None:
            yield Problem(
                where=f"{shown(path)}:1",
                id="catalog.panels-without-metrics",
                what=f"{name} has no metrics, so it has no page for these panels.",
                remedy="Add 'metrics' to its service.yaml, or move the file to the service that measures it.",
            )


def check_viewers(catalog: "Catalog") -> Iterator[Problem]:
    """One service at most shows the dashboards."""
    viewers = [service for service in catalog.services.values() if service.dashboards]
    for extra in viewers[1:]:
        first = catalog.sources[viewers[0].name].where("dashboards")
        yield Problem(
            where=catalog.sources[extra.name].where("dashboards"),
            id="catalog.two-viewers",
            what=f"the dashboards are shown already, in {first}.",
            remedy="Keep one.",
        )
