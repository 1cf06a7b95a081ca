"""Which files of ours somebody edited by hand since they were laid, as the snapshot tells it."""

import hashlib

from garrison.plan.laying import LAID
from garrison.snapshot.model import Snapshot


def find_edited(snapshot: Snapshot) -> tuple[str, ...]:
    """The paths whose content is another than that of the copy on the host; of what wasn't looked at, none."""
    copies = (snapshot.trees.get(LAID) or {}).items()
    edited = (
        f"/{path}" for path, copy in copies if copy and copy.sha256 and _differs(snapshot, path, copy.sha256)
    )
    return tuple(sorted(edited))


def _differs(snapshot: Snapshot, path: str, sha256: str) -> bool:
    found = snapshot.files.get(f"/{path}")
    if found:
        return found.sha256 != sha256
    text = snapshot.host.texts.get(f"/{path}") if snapshot.host else None
    return text is not None and hashlib.sha256(text.encode()).hexdigest() != sha256
