"""The images that a host lacks: pulled by digest, or built there on the project's base."""

import shlex
from collections.abc import Iterator

from garrison.catalog.context import build_context
from garrison.catalog.images import ImagePlan, Origin
from garrison.plan.laying import archive
from garrison.plan.step import LIB, Command, Step, as_stack, sh
from garrison.plan.wanted import Wanted
from garrison.snapshot.model import Snapshot

_BUILD = 3600


def image_steps(snapshot: Snapshot, wanted: Wanted) -> Iterator[Step]:
    """Pulls and builds what the host hasn't got, the base before what stands on it."""
    needed = {
        name: image for name, image in wanted.images.items() if image.reference not in snapshot.image_names
    }
    cache = ("--cache", wanted.settings.image_cache) if wanted.settings.image_cache else ()
    base = wanted.base
    # What comes from outside goes first: a registry that isn't reached is said before anything is built.
    for name in wanted.catalog.order():
        if name in needed and needed[name].origin is Origin.PULL:
            yield _pulled(needed[name])
    built = {name: image for name, image in needed.items() if image.origin is not Origin.PULL}
    if built and base.reference not in snapshot.image_names:
        yield Step(
            title="make the base image",
            why=f"{base.reference} isn't there",
            commands=(
                sh(
                    f"{LIB}/make-base",
                    "--ref",
                    base.reference,
                    "--recipe",
                    base.argument,
                    *cache,
                    timeout=_BUILD,
                ),
            ),
        )
    for name in wanted.catalog.order():
        if name in built:
            yield _built(built[name], wanted, cache)


def _pulled(image: ImagePlan) -> Step:
    why = f"{image.reference} isn't there"
    return Step(title=f"pull the image of {image.service}", why=why, commands=(_pull(image),))


def _built(image: ImagePlan, wanted: Wanted, cache: tuple[str, ...]) -> Step:
    why = f"{image.reference} isn't there"
    folder = image.folder or wanted.catalog.folder(image.service)
    context = build_context(folder, wanted.services_dir / "_kit")
    build = sh(
        f"{LIB}/build-image", "--ref", image.reference, "--base", wanted.base.reference, *cache,
        stdin=archive({path: (file.mode, file.content) for path, file in context.items()}), timeout=_BUILD,
    )  # fmt: skip
    what = "a stand-in for" if image.origin is Origin.STAND_IN else "the image of"
    return Step(title=f"build {what} {image.service}", why=why, commands=(build,))


def _pull(image: ImagePlan) -> Command:
    """Podman says what is wrong but not where to mend it."""
    remedy = (
        f"{image.service} needs this image. Is its registry up and reached from the host, its CA in "
        f"extra_ca_certificates, its digest in images.lock.yaml (or {image.service}/service.yaml) one that was pushed?"
    )
    pull = as_stack("podman", "pull", "-q", image.reference, timeout=_BUILD)
    say = shlex.join(["echo", remedy])
    return Command(line=f"{pull.line} || {{ {say} >&2; exit 1; }}", timeout=pull.timeout)


def stand_in_warnings(wanted: Wanted) -> tuple[str, ...]:
    """One sentence for each service that doesn't run its own image on this host; every run says it."""
    return tuple(
        f"{image.service} is a stand-in ({image.folder}), not {wanted.catalog.services[image.service].image.ref}."
        for image in wanted.images.values()
        if image.origin is Origin.STAND_IN
    )
