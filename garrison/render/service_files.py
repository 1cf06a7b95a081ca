"""The files of a service's folder that are mounted into its container."""

from functools import partial
from pathlib import Path

from garrison.catalog.boards import load_boards
from garrison.catalog.catalog import PREFIX, Catalog
from garrison.catalog.model import Service
from garrison.catalog.packs import load_packs
from garrison.render.alerting import render_routing
from garrison.render.container import DASHBOARDS
from garrison.render.metrics import render_rules, scrape_jobs
from garrison.render.model import ConfigTree, ReleaseFile
from garrison.render.templates import ENDING, render_template
from garrison.settings import HostSettings

# The folder of the user's own dashboards, beside ours.
OWN = "own"


def render_tree(
    catalog: Catalog, service: Service, settings: HostSettings, *, has_gpu: bool = False
) -> ConfigTree:
    """The ``files`` of ``service``, templates filled in, and the dashboards where it shows them.

    Raises ProblemError for a faulty template.
    """
    folder = catalog.folder(service.name) / "files"
    context = {
        "service": service,
        "consumers": list(catalog.consumers(service.name)),
        "catalog": catalog,
        "settings": settings,
        "scrape_jobs": partial(scrape_jobs, catalog),
        "rules": partial(
            render_rules, catalog, (settings.alerts and settings.alerts.runbooks) or "", settings.objectives
        ),
        "routing": partial(render_routing, settings),
        "packs": partial(load_packs, settings.documentation_packs),
    }
    files = {file: _render(folder / file, context) for file in sorted(service.files)}
    return ConfigTree(
        service.name, files | (_dashboards(catalog, settings, has_gpu) if service.dashboards else {})
    )


def release_file(content: bytes) -> ReleaseFile:
    """``content`` with the mode that suits it: what names its interpreter can be run."""
    return ReleaseFile(content, 0o755 if content.startswith(b"#!") else 0o644)


def _dashboards(catalog: Catalog, settings: HostSettings, has_gpu: bool) -> dict[str, ReleaseFile]:
    # Imported where somebody shows them: Grafana's SDK takes a tenth of a second.
    from garrison.dashboards.every import render_dashboards

    ours = {name: text.encode() for name, text in render_dashboards(catalog, has_gpu=has_gpu).items()}
    folders = {PREFIX: ours, OWN: load_boards(settings.dashboards)}
    return {
        f"{DASHBOARDS}/{folder}/{name}": ReleaseFile(content)
        for folder, files in folders.items()
        for name, content in files.items()
    }


def _render(path: Path, context: dict[str, object]) -> ReleaseFile:
    if path.is_file():
        return release_file(path.read_bytes())
    return release_file(render_template(path.with_name(path.name + ENDING), context))
