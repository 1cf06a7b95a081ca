"""A bare host as it was recorded, and what the project's own services want of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.plan.base import load_base
from garrison.plan.hostfiles import render_host_files
from garrison.plan.wanted import Wanted
from garrison.render.release import render_release
from garrison.settings import HostSettings
from garrison.snapshot.model import Snapshot

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="session")
def settings() -> HostSettings:
    return HostSettings(server_names=("host.example", "192.0.2.10"))


@pytest.fixture(scope="session")
def wanted(root: Path, settings: HostSettings) -> Wanted:
    services = root / "services"
    catalog = load_catalog([services]).select(["core"])
    images = plan_images(catalog, settings, services=services, lock={})
    nothing: frozenset[str] = frozenset()
    return Wanted(
        settings=settings,
        catalog=catalog,
        images=images,
        base=load_base(services / "base" / "recipe.yaml"),
        services_dir=services,
        release=render_release(catalog, settings, images, delegated=nothing),
        host_files=render_host_files(settings, root / "templates", b"podman-compose", nothing, measured=()),
        delegated=nothing,
    )


@pytest.fixture
def bare(fixtures: Path) -> Callable[..., Snapshot]:
    """The recorded bare host, changed as a test says."""

    def make(*changes: Change) -> Snapshot:
        document = json.loads((fixtures / "snapshots" / "bare.json").read_text())
        for change in changes:
            change(document)
        return Snapshot.parse(document)

    return make
