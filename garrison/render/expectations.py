"""expectations.json: what the live checks compare the machine with."""

import json
from collections.abc import Iterable
from itertools import permutations
from typing import Any

from garrison.catalog.catalog import Catalog, Edge
from garrison.catalog.model import Service
from garrison.render.container import Container

FORMAT = 1


def render_expectations(catalog: Catalog, containers: Iterable[Container]) -> str:
    """Listeners, pairs and hardening that follow from the catalog, as JSON."""
    document = {
        "format": FORMAT,
        "listeners": [listener for service in catalog.services.values() for listener in _listeners(service)],
        "routes": [
            {"service": service.name, "path": service.route.path, "auth": service.route.auth}
            for service in catalog.routed
            if service.route
        ],
        "networks": {
            network.name: {"members": list(network.members), "internal": network.internal}
            for network in catalog.networks()
        },
        "pairs": _pairs(catalog),
        "services": {each.service.name: _service(each) for each in containers},
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _listeners(service: Service) -> list[dict[str, Any]]:
    found = [
        {"service": service.name, "address": "127.0.0.1", "port": port, "to": service.listen[label]}
        for label, port in sorted(service.publish.items())
    ]
    if service.door:
        found += [
            {"service": service.name, "address": address, "port": port, "to": port}
            for address in ("0.0.0.0", "::")  # noqa: S104 - the door is the one service that listens everywhere
            for port in (service.door.http, service.door.https)
        ]
    return found


def _pairs(catalog: Catalog) -> list[dict[str, Any]]:
    """Every ordered pair of services; the two ends of a network can reach one another either way."""
    edges = {(edge.consumer, edge.provider): edge for edge in catalog.edges()}
    return [
        {
            "from": one,
            "to": other,
            "ports": sorted(_ports(catalog, edges.get((one, other)), other)),
            "declared": (one, other) in edges,
            "connects": (one, other) in edges or (other, one) in edges,
        }
        for one, other in permutations(sorted(catalog.services), 2)
    ]


def _ports(catalog: Catalog, edge: Edge | None, provider: str) -> Iterable[int]:
    """Those that the pair is for; of a pair that no edge joins, all that there is to try."""
    return catalog.ports(edge) if edge else set(catalog.services[provider].listen.values())


def _service(container: Container) -> dict[str, Any]:
    service = container.service
    return {
        "container": container.name,
        "image": container.image.reference,
        "uid": service.user,
        "gid": service.user,
        "networks": [network.name for network in container.networks],
        "secrets": {
            secret.name: {"uid": secret.uid, "gid": secret.gid, "mode": f"{secret.mode:04o}"}
            for secret in container.secrets
        },
        "read_only": container.is_read_only,
        "cap_drop": ["ALL"],
        "no_new_privileges": True,
        "tmpfs": list(service.writable),
        "volumes": dict(container.volumes),
        "mounts": [mount.target for mount in container.mounts],
        "limits": service.limits.model_dump(mode="json"),
        "limits_applied": sorted(container.limits),
        "listen": dict(service.listen),
        "health": {"probe": list(container.probe), "deadline": service.health.deadline},
        "is_door": service.door is not None,
        "verifies_keys": service.verifies_keys,
        "egress": service.egress.reason if service.egress else None,
        "exceptions": service.exceptions.model_dump(mode="json", exclude_none=True),
    }
