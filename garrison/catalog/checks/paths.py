"""Paths in a container: each is mounted once, and none hides what keeps the container safe."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from garrison.catalog.model import Service
from garrison.catalog.source import Location
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog

# Nothing is mounted on one of these or below it: programs, the kernel's views, what Garrison mounts itself.
_CLOSED = (
    "/bin",
    "/boot",
    "/dev",
    "/lib",
    "/lib64",
    "/proc",
    "/run/clients",
    "/run/secrets",
    "/sbin",
    "/sys",
)
_CLOSED_FILES = (
    "/etc/group",
    "/etc/hosts",
    "/etc/ld.so.preload",
    "/etc/passwd",
    "/etc/resolv.conf",
    "/etc/shadow",
)
_CLOSED_USR = ("/usr/bin", "/usr/lib", "/usr/sbin")


def check_mounts(catalog: "Catalog") -> Iterator[Problem]:
    """Files, volumes and writable paths of a service keep clear of one another and of the system."""
    for name, service in catalog.services.items():
        where = catalog.sources[name].where
        seen: list[tuple[PurePosixPath, Location]] = []
        for text, location in _mounts(service):
            path = real_path(text)
            if closed := _closed(path):
                yield Problem(
                    where=where(*location),
                    id="catalog.closed-path",
                    what=f"{text} touches {closed}, which stays as the image or Garrison has it.",
                    remedy="Mount it elsewhere, for instance below /etc/garrison, /data or /tmp.",
                )
            for other, its_location in seen:
                if path.is_relative_to(other) or other.is_relative_to(path):
                    yield Problem(
                        where=where(*location),
                        id="catalog.mount-clash",
                        what=f"{text} meets {other} in {where(*its_location)}.",
                        remedy="Choose paths that don't lie in one another.",
                    )
            seen.append((path, location))


def real_path(text: str) -> PurePosixPath:
    """``text`` with the two links that every image has followed."""
    path = PurePosixPath(text)
    for link, target in (("/var/run", "/run"), ("/var/lock", "/run/lock")):
        if path.is_relative_to(link):
            return PurePosixPath(target) / path.relative_to(link)
    return path


def _mounts(service: Service) -> Iterator[tuple[str, Location]]:
    for file, path in service.files.items():
        yield path, ("files", file)
    for volume, path in service.volumes.items():
        yield path, ("volumes", volume)
    for index, path in enumerate(service.writable):
        yield path, ("writable", index)
    if service.host_metrics:
        yield service.host_metrics, ("host_metrics",)
    if service.dashboards:
        yield service.dashboards, ("dashboards",)


def _closed(path: PurePosixPath) -> str | None:
    for closed in (*_CLOSED, *_CLOSED_USR, *_CLOSED_FILES):
        if path.is_relative_to(closed) or PurePosixPath(closed).is_relative_to(path):
            return closed
    return None
