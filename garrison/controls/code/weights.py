"""The files of models as the running containers have them."""

import stat
from collections.abc import Iterator, Mapping

from garrison.controls.code.registry import judges
from garrison.controls.code.walked import UNWALKED
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.evidence.inspected import FileInside, inspect_containers

_WRITABLE = stat.S_IWGRP | stat.S_IWOTH


@judges("models-are-the-pinned-ones")
def judge_models(seen: Seen) -> Iterator[Found]:
    """Every file in /models: its digest, and whether the service that computes with it could change it."""
    if seen.snapshot.containers is None:
        yield unseen("containers", "Podman didn't say which there are.")
        return
    inspected = inspect_containers(seen.snapshot)
    for name, service in seen.wanted.catalog.services.items():
        record = inspected.get(f"garrison-{name}")
        if record is None or record.process is None:
            continue  # a service that doesn't run is another control's finding
        found, where = record.process.models, f"container {record.name}"
        if found is None:
            yield unseen(where, UNWALKED)
            continue
        pinned = seen.wanted.catalog.weights_of(name)
        for path in sorted({*found, *pinned}):
            yield from (
                Found(where=where, what=f"{path} {what}")
                for what in _judge(path, found, pinned, service.user)
            )


def _judge(
    path: str, found: Mapping[str, FileInside | None], pinned: Mapping[str, str], user: int
) -> Iterator[str]:
    file = found.get(path)
    if path not in pinned:
        yield "is no file that the service's list of its models has."
    elif file is None or file.sha256 is None:
        yield "isn't there, or can't be read."
    elif file.sha256 != pinned[path]:
        yield f"has SHA-256 {file.sha256[:12]}…, not the pinned {pinned[path][:12]}…"
    elif file.uid == user or (file.mode or 0) & _WRITABLE:
        yield f"may be changed by user {user}, as whom the service runs."
