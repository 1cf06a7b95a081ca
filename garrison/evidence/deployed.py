"""Whether a stack was ever deployed to a host: until then nothing of it can be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from garrison.snapshot.model import Snapshot

NO_STACK = "no stack is deployed here."


def has_stack(seen: Snapshot) -> bool:
    """Any trace of one counts, so that removing the one or the other doesn't silence what looks at the stack."""
    laid = any(entries for path, entries in seen.trees.items() if path.endswith("/releases"))
    served = any(container.service for container in seen.containers or ())
    return seen.current is not None or laid or served
