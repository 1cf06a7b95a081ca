"""Every dashboard of a catalog, as files."""

from collections.abc import Mapping

from garrison.catalog.catalog import Catalog
from garrison.catalog.panels import load_panels
from garrison.dashboards.overview import overview
from garrison.dashboards.page import page
from garrison.dashboards.whole import Page, render


def pages(catalog: Catalog, *, has_gpu: bool = False) -> tuple[Page, ...]:
    """The overview, then a page for each service that has metrics, or whose container the host measures, by name."""
    own, is_measured = load_panels(catalog), catalog.measures_host
    services = catalog.services.values() if is_measured else catalog.scraped
    return (
        overview(catalog, has_gpu=has_gpu),
        *(page(service, own.get(service.name), is_measured=is_measured) for service in services),
    )


def render_dashboards(catalog: Catalog, *, has_gpu: bool = False) -> Mapping[str, str]:
    """Each dashboard's JSON by the name of its file. Raises ProblemError for what is wrong in a service's panels."""
    return {f"{one.name}.json": render(one) for one in pages(catalog, has_gpu=has_gpu)}
