"""Whether Grafana has loaded every dashboard of the release, and its data sources answer."""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.render.container import DASHBOARDS

ID = "dashboards"


class Loaded(BaseModel):
    """What look-dashboards answers; ``error`` is why Grafana said nothing, that of a source why it doesn't answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str
    dashboards: tuple[str, ...]
    sources: Mapping[str, str]


def wanted_dashboards(wanted: Wanted) -> Mapping[str, str]:
    """The file of every dashboard of the release by its uid; empty where nobody shows them."""
    viewer = wanted.catalog.viewer
    tree = wanted.release.config_trees.get(viewer.name) if viewer else None
    files = tree.files if tree else {}
    return {
        str(json.loads(file.content)["uid"]): path
        for path, file in files.items()
        if path.startswith(f"{DASHBOARDS}/")
    }


def find_unloaded(found: Loaded, wanted: Wanted) -> list[Problem]:
    """Dashboards that Grafana doesn't have, and data sources that don't answer it."""
    viewer = wanted.catalog.viewer
    return list(_unloaded(viewer.name, found, wanted)) if viewer else []


def _unloaded(viewer: str, found: Loaded, wanted: Wanted) -> Iterator[Problem]:
    look = f"Look: garrison logs {viewer}"
    if found.error:
        yield _problem(viewer, "silent", f"it doesn't say what it shows: {found.error}.", look)
        return
    for uid, path in sorted(wanted_dashboards(wanted).items()):
        if uid not in found.dashboards:
            yield _problem(viewer, "missing", f"it hasn't loaded {path} ({uid}).", look)
    if not found.sources:
        yield _problem(viewer, "no-source", "it has no data source.", look)
    for name, error in sorted(found.sources.items()):
        if error:
            yield _problem(viewer, "source", f"{name} doesn't answer it: {error}.", look)


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
