"""What lies on the host of a release: whether it is whole, and who may write it."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.places import fill
from garrison.controls.seen import Seen
from garrison.snapshot.record import FileState

if TYPE_CHECKING:
    from garrison.render.model import ReleaseFile

FOREIGN_WRITE = 0o022
TREES = ("releases", "config")


@judges("release-is-as-deployed")
def judge_release(seen: Seen) -> Iterator[Found]:
    """Every file of the release that this checkout makes, and of what its services read, by its digest."""
    home, release = PurePosixPath(seen.wanted.settings.stack_home), seen.wanted.release
    current = seen.snapshot.current
    if current is None or current.link is None:
        yield Found(where=str(home / "current"), what="it leads to no release.")
        return
    if PurePosixPath(current.link).name != release.digest:
        yield Found(
            where=str(home / "current"), what=f"it leads to {current.link}, not to {release.digest[:12]}."
        )
    yield from _compare(seen, "releases", release.folder(str(home)), release.files)
    for tree in release.config_trees.values():
        yield from _compare(seen, "config", tree.folder(str(home)), tree.files)


def _compare(
    seen: Seen, top: str, folder: PurePosixPath, files: Mapping[str, "ReleaseFile"]
) -> Iterator[Found]:
    home = PurePosixPath(seen.wanted.settings.stack_home)
    found = seen.snapshot.trees.get(str(home / top)) or {}
    for path, file in sorted(files.items()):
        state = found.get(str((folder / path).relative_to(home / top)))
        if state is None:
            yield Found(where=str(folder / path), what="it isn't there.")
        elif state.sha256 != file.sha256:
            yield Found(where=str(folder / path), what="it isn't what was deployed.")


@judges("release-files-are-roots")
def judge_rights(seen: Seen) -> Iterator[Found]:
    """Releases and configuration: root's, and written by nobody else."""
    home = seen.wanted.settings.stack_home
    for name in TREES:
        tree = seen.snapshot.trees.get(f"{home}/{name}")
        if tree is None:
            yield unseen(f"{home}/{name}", "there is no such folder.")
            continue
        yield from _rights({f"{home}/{name}/{path}": state for path, state in tree.items()})


def _rights(files: Mapping[str, FileState | None]) -> Iterator[Found]:
    for path, state in sorted(files.items()):
        if state is None:
            yield unseen(path)
        elif state.mode is None:
            continue  # a link has the rights of what it leads to
        elif state.mode & FOREIGN_WRITE:
            yield Found(where=path, what=f"its mode is {state.mode:04o}: others than its owner may write it.")
        elif state.uid != 0:
            yield Found(where=path, what=f"uid {state.uid} owns it, not root.")


@judges("belongs-to-the-stack")
def judge_owner(seen: Seen, paths: list[str]) -> Iterator[Found]:
    """Files that the stack user and nobody else owns."""
    user = seen.wanted.settings.stack_user
    for pattern in paths:
        place = fill(pattern, seen.wanted.settings)
        found = seen.host.files.get(place) if seen.host else None
        if found is None:
            yield unseen(place)
            continue
        for path, state in sorted(found.items()):
            if state.user != user:
                yield Found(where=path, what=f"{state.user or state.uid} owns it, not {user}.")
