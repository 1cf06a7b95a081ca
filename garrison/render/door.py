"""The door: nginx's configuration and the two units of systemd that hold its sockets and run it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import Route, Service
from garrison.catalog.secrets import credential_of
from garrison.render.compose import DIGEST_LABEL, SERVICE_LABEL
from garrison.render.container import Container
from garrison.render.guideline import GUIDELINE
from garrison.render.model import ConfigTree, ReleaseFile
from garrison.render.places import DOOR_SERVICE, DOOR_SOCKET
from garrison.render.service_files import release_file
from garrison.render.templates import ENDING, render_template
from garrison.settings import HostSettings

TEMPLATES = Path(__file__).parents[2] / "templates"
# What the door takes where no service of its own has said more.
SMALL_BODY = "1k"


@dataclass(frozen=True, kw_only=True)
class DoorRoute:
    """One way through the door, as nginx's templates see it.

    ``key_secret`` is the secret whose value is sent upstream as a bearer token, where the provider
    wants a credential; None passes the client's own key on.
    """

    service: Service
    path: str
    name: str
    upstream_port: int
    auth: str
    timeout: int
    body: str
    key_secret: str | None

    @property
    def upstream(self) -> str:
        """Host and port inside the network."""
        return f"{self.name}:{self.upstream_port}"


def door_routes(catalog: Catalog) -> tuple[DoorRoute, ...]:
    """The routes of the catalog, by path."""
    door = catalog.door.name if catalog.door else ""
    routes = [_route(service, service.route, door) for service in catalog.routed if service.route]
    return tuple(sorted(routes, key=lambda route: route.path))


def add_nginx(tree: ConfigTree, catalog: Catalog, settings: HostSettings, templates: Path) -> ConfigTree:
    """``tree`` with nginx's own configuration below ``nginx/``. Raises ProblemError for a faulty template."""
    context = {
        "door": catalog.door,
        "routes": door_routes(catalog),
        "settings": settings,
        "catalog": catalog,
        "guideline": GUIDELINE,
        "small_body": SMALL_BODY,
    }
    rendered = {}
    for path in sorted((templates / "nginx").iterdir()):
        content = render_template(path, context) if path.suffix == ENDING else path.read_bytes()
        rendered[f"nginx/{path.name.removesuffix(ENDING)}"] = release_file(content)
    return replace(tree, files={**tree.files, **rendered})


def render_units(
    container: Container, catalog: Catalog, settings: HostSettings, templates: Path
) -> tuple[str, Mapping[str, ReleaseFile]]:
    """The door's config digest and its units, which carry it as a label. Raises ProblemError likewise."""
    unlabelled = _units(container, catalog, settings, templates, {SERVICE_LABEL: container.service.name})
    said = {path: file.sha256 for path, file in unlabelled.items()}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    labels = {SERVICE_LABEL: container.service.name, DIGEST_LABEL: digest}
    return digest, _units(container, catalog, settings, templates, labels)


def _units(
    container: Container,
    catalog: Catalog,
    settings: HostSettings,
    templates: Path,
    labels: Mapping[str, str],
) -> dict[str, ReleaseFile]:
    context = {
        "door": container.service,
        "container": container,
        "routes": door_routes(catalog),
        "settings": settings,
        "image": container.image.reference,
        "networks": [network.name for network in container.networks],
        "labels": labels,
        "limits": container.limits,
        "secrets": container.secrets,
        "config": str(container.tree.folder(settings.stack_home)),
        "clients": str(PurePosixPath(settings.stack_home) / "clients" / container.service.name),
    }
    return {
        path: ReleaseFile(render_template(templates / f"{path}{ENDING}", context))
        for path in (DOOR_SOCKET, DOOR_SERVICE)
    }


def _route(service: Service, route: Route, door: str) -> DoorRoute:
    return DoorRoute(
        service=service,
        path=route.path,
        name=service.name,
        upstream_port=service.listen[route.port],
        auth=route.auth,
        timeout=route.timeout,
        body=route.body,
        key_secret=credential_of(service, door) if service.credential else None,
    )
