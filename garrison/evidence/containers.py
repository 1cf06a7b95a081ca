"""Exactly the declared containers run, each from the planned image and the wanted configuration."""

from collections import Counter
from collections.abc import Iterator

from garrison.evidence.expected import Pair, pair_up
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Container, Snapshot

ID = "containers-are-the-declared-ones"
_DEPLOY = "Run the deploy again: `garrison deploy INVENTORY`."


def find_sprawl(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Containers that are missing, stopped, unknown, out of date or made from another image."""
    if snapshot.containers is None:
        return [_problem("containers", "unseen", "Podman didn't say which there are.",
                         "Try on the host: sudo /usr/local/lib/garrison/as-stack podman ps -a.")]  # fmt: skip
    names = {rendered.container: name for name, rendered in wanted.release.services.items()}
    found = {one.name: one for one in snapshot.containers}
    problems = [
        *(_missing(name) for name in sorted(set(names) - set(found))),
        *(_stray(found[name]) for name in sorted(set(found) - set(names))),
        *_twice(snapshot),
    ]
    for pair in pair_up(snapshot, wanted):
        problems += _differs(pair, found[pair.rendered.container], snapshot, wanted)
    return problems


def _differs(pair: Pair, found: Container, snapshot: Snapshot, wanted: Wanted) -> Iterator[Problem]:
    if not found.is_running:
        yield _problem(pair.where, "stopped", f"it is {found.state.status}, not running.",
                       f"{_DEPLOY} Its last words: journalctl CONTAINER_NAME={found.name} -n 50.")  # fmt: skip
    if found.service != pair.service.name:
        yield _problem(pair.where, "label", f"its label says that it is {found.service!r}.", _DEPLOY)
    if found.config_digest != pair.rendered.config_digest:
        what = (
            f"it was made from configuration {found.config_digest}, wanted is {pair.rendered.config_digest}."
        )
        yield _problem(pair.where, "outdated", what, _DEPLOY)
    reference = wanted.images[pair.service.name].reference
    if pair.found.image_name != reference:
        what = f"it runs image {pair.found.image_name}, planned is {reference}."
        yield _problem(pair.where, "image", what, _DEPLOY)
    elif (planned := _image_id(snapshot, reference)) and planned != pair.found.image:
        what = f"{reference} meanwhile names another image than the one it runs."
        yield _problem(
            pair.where, "image-moved", what, f"Find out who tagged it; then: podman rm it. {_DEPLOY}"
        )


def _image_id(snapshot: Snapshot, reference: str) -> str | None:
    for line in (snapshot.images or "").splitlines():
        identity, name, digest = line.split(" ")
        if reference in (name, f"{name.rpartition(':')[0]}@{digest}"):
            return identity.removeprefix("sha256:")
    return None


def _missing(name: str) -> Problem:
    return _problem(f"container {name}", "missing", "there is no such container.", _DEPLOY)


def _stray(found: Container) -> Problem:
    what = f"no service declares it (image {found.image_name}, {found.state.status})."
    remedy = f"Remove it: sudo /usr/local/lib/garrison/as-stack podman rm -f {found.name}."
    return _problem(f"container {found.name}", "unknown", what, remedy)


def _twice(snapshot: Snapshot) -> Iterator[Problem]:
    counted = Counter(one.service for one in snapshot.containers or () if one.service)
    for service, count in counted.items():
        if count > 1:
            yield _problem(f"service {service}", "twice", f"{count} containers carry its label.",
                           "Remove the one whose name isn't garrison-SERVICE.")  # fmt: skip


def _problem(where: str, key: str, what: str, remedy: str) -> Problem:
    return Problem(where=where, id=f"{ID}.{key}", what=what, remedy=remedy)
