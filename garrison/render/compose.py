"""compose.yaml: the readable spec of every container but the door's."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from garrison.catalog.catalog import PREFIX
from garrison.catalog.walls import ANNOTATION
from garrison.render.container import Container

SERVICE_LABEL = "garrison.service"
DIGEST_LABEL = "garrison.config-digest"
_HEADER = (
    "# Rendered by Garrison from services/*/service.yaml; edited here, it is rendered again.\n"
    "# Garrison creates one container at a time: podman-compose up -d --no-deps --no-recreate SERVICE\n"
)


def service_spec(container: Container) -> dict[str, Any]:
    """The entry of ``container`` in compose.yaml, with the label that tells its configuration apart."""
    spec = _spec(container)
    digest = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()
    spec["labels"][DIGEST_LABEL] = digest
    return spec


def render_compose(specs: Mapping[str, dict[str, Any]], containers: Iterable[Container]) -> str:
    """The whole file. Networks and secrets are external: Garrison makes them before the first container."""
    containers = list(containers)
    networks = sorted({network.name for each in containers for network in each.networks})
    secrets = sorted({secret.name for each in containers for secret in each.secrets})
    volumes = sorted({volume for each in containers for volume in each.volumes})
    document = {
        "name": PREFIX,
        "x-podman": {"in_pod": False},
        "services": _escape(dict(specs)),
        "networks": {name: {"name": name, "external": True} for name in networks},
        "secrets": {name: {"external": True} for name in secrets},
        # Without a name of its own, podman-compose would put the project's before it.
        "volumes": {name: {"name": name} for name in volumes},
    }
    filled = {key: value for key, value in document.items() if value or key == "services"}
    return _HEADER + yaml.safe_dump(filled, sort_keys=False, width=110, allow_unicode=True)


def render_beside(specs: Mapping[str, dict[str, Any]], containers: Iterable[Container]) -> str:
    """The same for the containers that can run a second time beside themselves while the first is replaced.

    They have no port of the host's, no label of Garrison's and not the service's name, by which they would be asked
    before they are ready: nothing but the replacement knows them.
    """
    able = [container for container in containers if not container.volumes]
    second = {
        f"{container.service.name}-next": {
            key: value
            for key, value in specs[container.service.name].items()
            if key not in ("ports", "labels")
        }
        | {"container_name": f"{container.name}-next", "restart": "no"}
        for container in able
    }
    return render_compose(second, able)


def _spec(container: Container) -> dict[str, Any]:
    service = container.service
    spec: dict[str, Any] = {
        "image": container.image.reference,
        "container_name": container.name,
        "user": container.user,
        "entrypoint": None if service.entrypoint is None else list(service.entrypoint),
        "command": None if service.command is None else list(service.command),
        "environment": dict(container.environment) or None,
        "read_only": container.is_read_only,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        # Podman would copy the proxy settings of the stack user into every container.
        "http_proxy": False,
        "tmpfs": list(container.tmpfs) or None,
        "volumes": [*_binds(container), *_volumes(container)] or None,
        "secrets": _secrets(container) or None,
        "ports": [
            f"127.0.0.1:{port}:{service.listen[label]}" for label, port in sorted(service.publish.items())
        ]
        or None,
        **_network(container),
        "healthcheck": _healthcheck(container),
        **_limits(container),
        "pull_policy": "never",
        "restart": "always",
        "stop_grace_period": "30s",
        "logging": {"driver": "journald", "options": {"tag": container.name}},
        "labels": {SERVICE_LABEL: service.name},
        "annotations": {ANNOTATION: container.wall},
    }
    return {key: value for key, value in spec.items() if value is not None}


def _network(container: Container) -> dict[str, Any]:
    # podman-compose adds the service's name as an alias on each; with no network named, it takes the default.
    if not container.networks:
        return {"network_mode": "none"}
    return {"networks": [network.name for network in container.networks]}


def _binds(container: Container) -> list[dict[str, Any]]:
    return [
        {
            "type": "bind",
            "source": str(mount.source),
            "target": mount.target,
            "read_only": True,
            "bind": {"create_host_path": False},
        }
        for mount in container.mounts
    ]


def _volumes(container: Container) -> list[dict[str, Any]]:
    return [
        {"type": "volume", "source": volume, "target": path}
        for volume, path in sorted(container.volumes.items())
    ]


def _secrets(container: Container) -> list[dict[str, str]]:
    # podman-compose refuses numbers here: a mode of 0400 would arrive as 256.
    return [
        {"source": each.name, "uid": str(each.uid), "gid": str(each.gid), "mode": f"{each.mode:04o}"}
        for each in container.secrets
    ]


def _healthcheck(container: Container) -> dict[str, Any]:
    return {
        "test": ["CMD", *container.probe],
        "interval": "15s",
        "timeout": "5s",
        "retries": 3,
        "start_period": f"{container.service.health.deadline}s",
    }


def _limits(container: Container) -> dict[str, Any]:
    keys = {"memory": "mem_limit", "cpus": "cpus", "pids": "pids_limit"}
    return {keys[name]: value for name, value in container.limits.items()}


def _escape(value: Any) -> Any:
    """``$`` doubled in every string: podman-compose would fill in variables of the environment."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _escape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escape(item) for item in value]
    return value
