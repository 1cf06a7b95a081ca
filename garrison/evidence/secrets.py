"""Each secret lies in exactly the containers that declare it, readable by that one user alone."""

from collections.abc import Iterator

from garrison.catalog.secrets import keeps_proofs
from garrison.evidence.expected import Pair, pair_up
from garrison.evidence.inspected import FileInside
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.render.container import CLIENTS, PROOFS
from garrison.snapshot.model import Snapshot

ID = "secrets-are-readable-by-one-user"
MODE = 0o400
SECRETS = "/run/secrets"
_REMEDY = "Remove the container and run the deploy again; Garrison mounts secrets with uid, gid and 0400."


def find_loose_secrets(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Secrets measured inside the running containers: the set of files, and the owner and mode of each."""
    return [
        Problem(where=f"{pair.where} {path}", id=f"{ID}.{key}", what=what, remedy=_REMEDY)
        for pair in pair_up(snapshot, wanted)
        for path, key, what in _judge(pair)
    ]


def expected_files(pair: Pair) -> frozenset[str]:
    """The paths that must be there, and no other beside them."""
    files = {f"{SECRETS}/{secret.name}" for secret in pair.rendered.secrets}
    if pair.service.verifies_keys:
        files.add(f"{CLIENTS}/clients.json")
    if keeps_proofs(pair.service):
        files.add(PROOFS)
    return frozenset(files)


def _judge(pair: Pair) -> Iterator[tuple[str, str, str]]:
    if pair.found.process is None:
        return  # a container that doesn't run is another check's finding
    found, expected = pair.found.process.secrets, expected_files(pair)
    for path in sorted(expected - set(found)):
        yield path, "missing", "the service declares it, and it isn't there."
    for path in sorted(set(found) - expected):
        yield path, "undeclared", "it is there, and the service doesn't declare it."
    for path in sorted(expected & set(found)):
        yield from _rights(path, found[path], pair.service.user)


def _rights(path: str, file: FileInside | None, user: int) -> Iterator[tuple[str, str, str]]:
    if file is None or file.mode is None:
        yield path, "unknown", "its owner and mode can't be read."
        return
    if file.mode != MODE:
        yield path, "mode", f"its mode is {file.mode:04o}, not {MODE:04o}."
    if file.uid != user:
        yield path, "owner", f"uid {file.uid} owns it, not {user}."
