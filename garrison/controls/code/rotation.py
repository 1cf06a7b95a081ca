"""Secrets that grow old, and a change of them that nobody has ended."""

from collections.abc import Iterator

from garrison.controls.code.registry import judges
from garrison.controls.finding import Found, unseen
from garrison.controls.seen import Seen

JOURNAL = "/var/lib/garrison/rotation.json"
DAY = 86400


@judges("no-rotation-is-open")
def judge_rotation(seen: Seen) -> Iterator[Found]:
    """While it is open, earlier values are still good."""
    found = seen.host.files.get(JOURNAL) if seen.host else None
    if found is None:
        yield unseen(JOURNAL)
    elif found:
        yield Found(where=JOURNAL, what="a rotation was begun and not ended: earlier secrets are still good.")


@judges("secrets-are-young")
def judge_age(seen: Seen, days: int) -> Iterator[Found]:
    """By the time at which Podman was given the value."""
    if seen.snapshot.secrets is None:
        yield unseen("secrets", "Podman didn't say which there are.")
        return
    ours = seen.wanted.catalog.rotatable()
    for name, since in sorted(seen.snapshot.secret_times.items()):
        age = int((seen.snapshot.time - since.timestamp()) / DAY)
        if name in ours and age > days:
            yield Found(where=f"secret {name}", what=f"it is {age} days old, more than {days}.")
