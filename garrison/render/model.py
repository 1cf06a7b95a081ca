"""A release as data: what will lie on the host, file by file, and what runs from it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from garrison.catalog.catalog import Network
from garrison.catalog.images import ImagePlan

COMPOSE = "compose.yaml"
BESIDE = "beside.yaml"
MANIFEST = "manifest.json"
EXPECTATIONS = "expectations.json"


@dataclass(frozen=True)
class ReleaseFile:
    """The content and mode of one file; its owner is the stack user."""

    content: bytes = field(repr=False)
    mode: int = 0o644

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


def digest_files(files: Mapping[str, ReleaseFile]) -> str:
    """SHA-256 over path, mode and content of every file, in hex."""
    digest = hashlib.sha256()
    for path, file in sorted(files.items()):
        digest.update(f"{path}\0{file.mode:04o}\0{file.sha256}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class ConfigTree:
    """The files mounted into one service, in a folder named for their content.

    A release that leaves them alone leaves the folder alone, and so the container.
    """

    service: str
    files: Mapping[str, ReleaseFile]

    @property
    def digest(self) -> str:
        """SHA-256 over the files, in hex."""
        return digest_files(self.files)

    def folder(self, stack_home: str) -> PurePosixPath:
        """Where the files lie on the host."""
        return PurePosixPath(stack_home) / "config" / self.service / self.digest[:16]


@dataclass(frozen=True, kw_only=True)
class SecretMount:
    """A Podman secret as one service sees it: /run/secrets/NAME, readable by its user alone."""

    name: str
    uid: int
    gid: int
    mode: int = 0o400


@dataclass(frozen=True, kw_only=True)
class RenderedService:
    """One service of a release. ``config_digest`` changes exactly when its container must be created anew."""

    name: str
    container: str
    config_digest: str
    image: ImagePlan
    networks: tuple[Network, ...]
    secrets: tuple[SecretMount, ...]
    volumes: tuple[str, ...]
    tree: ConfigTree
    is_door: bool = False
    # Of compose.yaml, as data; empty for the door, which is a unit of systemd.
    spec: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Release:
    """Everything rendered for one host.

    ``files`` go to ``releases/<digest>/`` below the stack's home, each config tree to its own folder
    beside them (docs/decisions/0002). ``services`` are in the order in which they start.
    """

    files: Mapping[str, ReleaseFile]
    services: Mapping[str, RenderedService]
    digest: str

    @property
    def config_trees(self) -> Mapping[str, ConfigTree]:
        """The trees that have files, by service."""
        return {name: service.tree for name, service in self.services.items() if service.tree.files}

    @property
    def networks(self) -> tuple[Network, ...]:
        """Every network that the services are on, by name."""
        return tuple(sorted({network for service in self.services.values() for network in service.networks}))

    def folder(self, stack_home: str) -> PurePosixPath:
        """Where the release lies on the host."""
        return PurePosixPath(stack_home) / "releases" / self.digest
