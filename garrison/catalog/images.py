"""Which image each service runs: built here, pulled by the digest that is locked, or a lab's stand-in."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel, model_validator

from garrison.catalog.catalog import Catalog
from garrison.catalog.context import build_context, context_digest
from garrison.catalog.model import Digest, Image, Name, Service
from garrison.catalog.source import Source, read_source, shown
from garrison.catalog.validate import near, validate
from garrison.problem import Problem, ProblemError
from garrison.settings import HostSettings

LOCK = "images.lock.yaml"
_OURS = "localhost/garrison"
_BASE = f"{_OURS}/base"
# The name says it wherever an image is named: in compose.yaml, in `podman ps`, in a finding.
STAND_INS = f"{_OURS}/stand-in/"


class Origin(StrEnum):
    """Where an image comes from."""

    BUILD = "build"
    PULL = "pull"
    STAND_IN = "stand-in"


class LockedImage(BaseModel):
    """One line of the lock: a tag for the reader, a digest for the machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ref: str
    digest: Digest

    @model_validator(mode="after")
    def _is_pinned(self) -> "LockedImage":
        Image(ref=self.ref, digest=self.digest)
        return self


class _Lock(RootModel[dict[Name, LockedImage]]):
    pass


@dataclass(frozen=True, kw_only=True)
class ImagePlan:
    """The image that one service runs.

    ``reference`` is what Podman is told: a tag made from the content of the context for an image
    that is built, name and digest for one that is pulled. ``digest`` is without a prefix. ``folder`` holds
    the Containerfile of one that is built.
    """

    service: str
    origin: Origin
    reference: str
    digest: str
    tag: str | None = None
    folder: Path | None = None


def load_lock(path: Path, known: Collection[str]) -> Mapping[str, LockedImage]:
    """The pinned images by service; no file is an empty lock.

    ``known`` are the names of all services, of whatever profile. Raises ProblemError for what is
    not a lock, and for entries of no service.
    """
    if not path.exists():
        return {}
    source = read_source(path)
    lock = validate(_Lock, source).root
    unknown = sorted(set(lock) - set(known))
    if unknown:
        raise ProblemError(_unknown_entry(source, name, known) for name in unknown)
    return lock


def base_reference(recipe: Path) -> str:
    """The name of the base image that ``recipe`` describes: another recipe is another image."""
    if not recipe.is_file():
        problem = Problem(
            where=shown(recipe),
            id="images.no-recipe",
            what="the recipe of the base image is missing.",
            remedy="Restore services/base/recipe.yaml from the repository.",
        )
        raise ProblemError([problem])
    return f"{_BASE}:{hashlib.sha256(recipe.read_bytes()).hexdigest()[:16]}"


def plan_images(
    catalog: Catalog, settings: HostSettings, *, services: Path, lock: Mapping[str, LockedImage]
) -> dict[str, ImagePlan]:
    """An image for every service, by name.

    ``services`` is the project's folder that holds the kit and the base image's recipe. With
    ``image_source: build`` all that can be built is built, a stand-in of ``stand_ins`` takes the place of what
    can't, and the rest is pulled; with ``registry`` the lock goes first, then the image that the service names,
    then a build, and never a stand-in.
    """
    return {
        name: _plan(catalog, service, settings, services, lock.get(name))
        for name, service in catalog.services.items()
    }


def _plan(
    catalog: Catalog, service: Service, settings: HostSettings, services: Path, locked: LockedImage | None
) -> ImagePlan:
    builds = settings.image_source == "build"
    if locked and not builds:
        return _pulled(service.name, locked.ref, locked.digest)
    image = service.image
    if image.ref is None or image.digest is None or (image.build is not None and builds):
        return _built(Origin.BUILD, catalog.folder(service.name), service.name, services)
    if builds and (folder := _stand_in(settings.stand_ins, service.name)):
        return _built(Origin.STAND_IN, folder, service.name, services)
    return _pulled(service.name, image.ref, image.digest)


def _stand_in(folder: Path | None, name: str) -> Path | None:
    found = folder / name if folder else None
    return found if found and (found / "Containerfile").is_file() else None


def _built(origin: Origin, folder: Path, name: str, services: Path) -> ImagePlan:
    base = base_reference(services / "base" / "recipe.yaml")
    digest = context_digest(build_context(folder, services / "_kit"), base)
    named = f"{STAND_INS}{name}" if origin is Origin.STAND_IN else f"{_OURS}/{name}"
    reference = f"{named}:{digest[:16]}"
    return ImagePlan(service=name, origin=origin, reference=reference, digest=digest, folder=folder)


def _pulled(name: str, ref: str, digest: str) -> ImagePlan:
    # Podman takes a tag or a digest, not both; the digest is what can't be pushed again.
    repository, _, tag = ref.rpartition(":")
    return ImagePlan(
        service=name,
        origin=Origin.PULL,
        reference=f"{repository}@{digest}",
        digest=digest.removeprefix("sha256:"),
        tag=tag,
    )


def _unknown_entry(source: Source, name: str, known: Collection[str]) -> Problem:
    return Problem(
        where=source.where(name),
        id="images.unknown-service",
        what="there is no such service.",
        remedy=near(name, known, "Take the entry out."),
    )
