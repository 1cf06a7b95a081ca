"""docs/services.md: every service, what it may touch and where it is reached."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from garrison.catalog.catalog import Catalog
from garrison.catalog.model import Service
from garrison.docs.facts import NOTHING, code, facts, health, limits, ports, reached
from garrison.docs.readme import include_readme
from garrison.docs.tables import table

PAGE = PurePosixPath("docs/services.md")
PICTURE = PurePosixPath("docs/services.svg")
COMMAND = "make docs"
_HEAD = f"""<!-- Made from services/*/service.yaml and services/*/README.md by `{COMMAND}`; change those. -->
# Services

What runs on a host, as the catalog says it: one folder a service below [services/](../services).
Networks, secrets, routes and checks follow from these facts; nothing here is written twice.

![Services as boxes, each network between two of them as a line]({PICTURE.name})

Each line is a Podman network of its own that holds just its two ends.
It is internal, without a way out, unless it is drawn dashed.
Where there is no line, neither end can reach the other, by name or by address.
"""


def render_services(catalog: Catalog) -> str:
    """The page for ``catalog``; a README beside a service.yaml becomes a part of it."""
    services = catalog.services.values()
    parts = [
        _HEAD,
        "## Where each is reached\n",
        table(
            ("service", "what it is", "ports", "reached at", "uid", "ready when"),
            [_reached_row(catalog, one) for one in services],
        ),
        "## What each may touch\n",
        table(
            ("service", "needs", "networks", "secrets", "volumes", "limits"),
            [_touch_row(catalog, one) for one in services],
        ),
        *(part for one in services for part in _section(catalog, one)),
    ]
    return "\n".join(parts)


def _reached_row(catalog: Catalog, service: Service) -> tuple[str, ...]:
    return (
        f"[{service.name}](#{service.name})",
        service.title,
        ports(service),
        reached(catalog, service),
        str(service.user),
        health(service),
    )


def _touch_row(catalog: Catalog, service: Service) -> tuple[str, ...]:
    return (
        f"[{service.name}](#{service.name})",
        ", ".join(f"[{need}](#{need})" for need in service.needs) or NOTHING,
        code(*(network.name for network in catalog.networks_of(service.name))),
        code(*catalog.secrets_of(service.name)),
        code(*(f"{name}: {path}" for name, path in service.volumes.items())),
        limits(service),
    )


def _section(catalog: Catalog, service: Service) -> Iterator[str]:
    yield f"## {service.name}\n"
    yield f"{service.title}.\n"
    yield "".join(f"- {fact}\n" for fact in facts(catalog, service))
    readme = catalog.folder(service.name) / "README.md"
    if readme.is_file():
        folder = PurePosixPath("services") / service.name
        yield include_readme(readme.read_text(encoding="utf-8"), folder=folder, page=PAGE, down=1)
