"""Puts a release together from a catalog, a host's settings and the images that were planned."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from garrison.catalog.catalog import Catalog
from garrison.catalog.images import ImagePlan
from garrison.render.compose import DIGEST_LABEL, render_beside, render_compose, service_spec
from garrison.render.container import CONTROLLERS, Container, plan_container
from garrison.render.credentials import credentials
from garrison.render.door import TEMPLATES, add_nginx, render_units
from garrison.render.expectations import render_expectations
from garrison.render.model import (
    BESIDE,
    COMPOSE,
    EXPECTATIONS,
    MANIFEST,
    ConfigTree,
    Release,
    ReleaseFile,
    RenderedService,
    digest_files,
)
from garrison.render.service_files import render_tree
from garrison.render.version import VERSION
from garrison.settings import HostSettings

FORMAT = 1


def render_release(
    catalog: Catalog,
    settings: HostSettings,
    images: Mapping[str, ImagePlan],
    *,
    delegated: frozenset[str] = CONTROLLERS,
    templates: Path = TEMPLATES,
    trees: Mapping[str, ConfigTree] | None = None,
) -> Release:
    """The release of ``catalog`` for a host: the same input gives the same bytes.

    ``delegated`` are the cgroup controllers that the host's stack user has; a limit without its
    controller would keep the container from starting. ``trees`` are what ``render_trees`` made of the same
    catalog and settings, where somebody has them already. Raises ProblemError for a faulty template.
    """
    trees = render_trees(catalog, settings, templates) if trees is None else trees
    containers = {
        name: plan_container(catalog, catalog.services[name], settings, images[name], trees[name], delegated)
        for name in catalog.order()
    }
    files: dict[str, ReleaseFile] = {}
    services: dict[str, RenderedService] = {}
    specs: dict[str, dict[str, Any]] = {}
    for name, container in containers.items():
        if container.service.door:
            digest, units = render_units(container, catalog, settings, templates)
            files |= units
        else:
            specs[name] = service_spec(container)
            digest = specs[name]["labels"][DIGEST_LABEL]
        services[name] = _rendered(container, digest, specs.get(name, {}))
    composed = [containers[name] for name in specs]
    files[COMPOSE] = ReleaseFile(render_compose(specs, composed).encode())
    files[BESIDE] = ReleaseFile(render_beside(specs, composed).encode())
    files[EXPECTATIONS] = ReleaseFile(render_expectations(catalog, containers.values()).encode())
    files[MANIFEST] = ReleaseFile(_manifest(catalog, files, services).encode())
    return Release(files=dict(sorted(files.items())), services=services, digest=digest_files(files))


def render_trees(
    catalog: Catalog, settings: HostSettings, templates: Path = TEMPLATES, *, has_gpu: bool = False
) -> dict[str, ConfigTree]:
    """What is mounted into each service's container: the part of a release that asks hardly anything of the host.

    The overview shows a GPU where the host has one. Raises ProblemError for a faulty template.
    """
    trees = {
        name: render_tree(catalog, catalog.services[name], settings, has_gpu=has_gpu)
        for name in catalog.order()
    }
    if door := catalog.door:
        trees[door.name] = add_nginx(trees[door.name], catalog, settings, templates)
    return trees


def _rendered(container: Container, digest: str, spec: Mapping[str, Any]) -> RenderedService:
    return RenderedService(
        name=container.service.name,
        container=container.name,
        config_digest=digest,
        image=container.image,
        networks=container.networks,
        secrets=container.secrets,
        volumes=tuple(sorted(container.volumes)),
        tree=container.tree,
        is_door=container.service.door is not None,
        spec=spec,
    )


def _manifest(
    catalog: Catalog, files: Mapping[str, ReleaseFile], services: Mapping[str, RenderedService]
) -> str:
    document = {
        "format": FORMAT,
        "garrison": VERSION,
        "catalog": catalog.digest,
        "files": _listing(files),
        "order": list(services),
        "credentials": credentials(catalog),
        "services": {
            name: {
                "config_digest": service.config_digest,
                "deadline": catalog.services[name].health.deadline,
                "ports": sorted(catalog.services[name].listen.values()),
                # What keeps data can't run twice on them.
                "beside": not service.is_door and not service.volumes,
                "image": service.image.reference,
                "config_tree": service.tree.digest[:16] if service.tree.files else None,
                "config_files": _listing(service.tree.files),
            }
            for name, service in services.items()
        },
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _listing(files: Mapping[str, ReleaseFile]) -> dict[str, dict[str, str]]:
    return {path: {"mode": f"{file.mode:04o}", "sha256": file.sha256} for path, file in sorted(files.items())}
