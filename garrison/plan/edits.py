"""Which files of ours somebody edited by hand since they were laid, as the snapshot tells it."""

from garrison.plan.laying import LAID
from garrison.snapshot.model import Snapshot


def find_edited(snapshot: Snapshot) -> tuple[str, ...]:
    """The paths whose content is another than that of the copy on the host; of what wasn't looked at, none."""
    copies = snapshot.trees.get(LAID) or {}
    edited = []
    for path, copy in copies.items():
        found = snapshot.files.get(f"/{path}")
        if copy and copy.sha256 and found and found.sha256 != copy.sha256:
            edited.append(f"/{path}")
    return tuple(sorted(edited))
