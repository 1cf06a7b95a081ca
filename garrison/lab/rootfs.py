"""Root file systems: made once a recipe, kept as a tar, unpacked for each host."""

import os
import platform
import shutil
from pathlib import Path

from garrison.lab.apt import Mirrors
from garrison.lab.commands import run
from garrison.lab.locks import hold
from garrison.lab.places import Places
from garrison.lab.progress import say
from garrison.lab.recipe import Recipe, build_argv
from garrison.problem import Problem, ProblemError

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def current_recipe() -> Recipe:
    """Return the recipe for this machine's architecture; raises ProblemError for one Garrison lacks."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        problem = Problem(
            where="this machine",
            id="lab-architecture",
            what=f"is a {machine}; the lab knows {' and '.join(_ARCHITECTURES)}.",
            remedy="Use one of those, or deploy to a machine over SSH (inventory/example.py).",
        )
        raise ProblemError([problem])
    return Recipe(architecture=_ARCHITECTURES[machine])


def ensure_tar(places: Places, recipe: Recipe, mirrors: Mirrors) -> Path:
    """Return the cached tar of ``recipe``, making it first where it is missing.

    It gets its name only when complete, so a killed run leaves nothing that looks like a tar.
    """
    tar = places.rootfs / f"{recipe.digest}.tar"
    with hold(places.rootfs / "lock", "the root file system cache"):
        if not tar.is_file():
            _make_tar(places.rootfs, tar, recipe, mirrors)
    return tar


def _make_tar(folder: Path, tar: Path, recipe: Recipe, mirrors: Mirrors) -> None:
    say(f"making the root file system of Debian {recipe.suite} (once; 30 to 120 s)")
    work = folder / "work"
    remove_tree(work)
    work.mkdir()
    new = work / "new.tar"
    environment = {**os.environ, "TMPDIR": str(work)}
    run(build_argv(recipe, new, mirrors.main, mirrors.options), env=environment)
    new.replace(tar)
    shutil.rmtree(work)


def unpack(tar: Path, target: Path) -> None:
    """Unpack ``tar`` into the new directory ``target`` with owners, modes and capabilities."""
    target.mkdir(parents=True)
    run(
        [
            *("tar", "--extract", "--file", str(tar), "--directory", str(target)),
            *("--numeric-owner", "--preserve-permissions", "--xattrs", "--xattrs-include=*"),
        ]
    )


def remove_tree(path: Path) -> None:
    """Remove a root file system and what is still mounted below it, so that no mount is emptied."""
    if not path.exists():
        return
    for mount in reversed(mounts_below(Path("/proc/self/mountinfo").read_text(), path)):
        run(["umount", "--lazy", str(mount)])
    shutil.rmtree(path)


def mounts_below(mountinfo: str, path: Path) -> list[Path]:
    """Return the mount points at or below ``path`` in the order they were made."""
    points = [Path(line.split()[4].replace("\\040", " ")) for line in mountinfo.splitlines()]
    return [point for point in points if point.is_relative_to(path)]
