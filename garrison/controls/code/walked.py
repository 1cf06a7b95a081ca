"""What only a walk over all local file systems finds, and packages that wait to be upgraded."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen
from garrison.snapshot.host_model import Walks


def _walks(seen: Seen) -> Walks | None:
    return seen.host.walks if seen.host else None


# What a check without walks says of all of these.
UNWALKED = "the file systems weren't walked, so nothing is known of it."


@judges("nothing-is-world-writable")
def judge_world_writable(seen: Seen) -> Iterator[Found]:
    """Files that everybody may write, and shared folders where everybody may remove what is another's."""
    walks = _walks(seen)
    if walks is None:
        yield unseen("/", UNWALKED)
        return
    yield from (Found(where=path, what="everybody may write it.") for path in walks.world_writable)
    yield from (
        Found(where=path, what="everybody may remove what others put there: it has no sticky bit.")
        for path in walks.not_sticky
    )


@judges("nothing-is-unowned")
def judge_unowned(seen: Seen) -> Iterator[Found]:
    """Files whose user or group doesn't exist; subordinate ids of the stack user aren't among them."""
    walks = _walks(seen)
    if walks is None:
        yield unseen("/", UNWALKED)
        return
    yield from (Found(where=path, what="its user or group doesn't exist.") for path in walks.unowned)


@judges("setuid-is-known")
def judge_setuid(seen: Seen, *, allowed: list[str], needed: list[str]) -> Iterator[Found]:
    """Programs that run as another user or group: none but ``allowed``, and all of ``needed`` that Podman lives by."""
    walks = _walks(seen)
    if walks is None:
        yield unseen("/", UNWALKED)
        return
    for path in (*walks.setuid, *walks.setgid):
        if path not in allowed:
            yield Found(where=path, what="it runs as another user or group, and nobody knows it.")
    for path in needed:
        if path not in walks.setuid:
            yield Found(where=path, what="it isn't setuid: rootless containers can't start.")


@judges("no-upgrade-waits")
def judge_upgrades(seen: Seen) -> Iterator[Found]:
    """Packages that apt would upgrade."""
    walks = _walks(seen)
    if walks is None:
        yield unseen("apt", UNWALKED)
        return
    if walks.upgrades is None:
        yield unseen("apt", "it didn't tell what it would upgrade.")
        return
    yield from (Found(where=f"package {name}", what="an upgrade waits.") for name in walks.upgrades)
