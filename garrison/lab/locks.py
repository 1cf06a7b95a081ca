"""Locks between lab commands; the kernel drops them with the process, so a killed run leaves none."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from garrison.lab.progress import say

_held: set[int] = set()


def held_locks() -> tuple[int, ...]:
    """Return the locks this process holds, for the programs it runs to hold too.

    A lock lives as long as anyone has it open: if we are killed while a child still writes, the next run waits.
    """
    return tuple(sorted(_held))


@contextmanager
def hold(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file ``path``, waiting (and saying so) while another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"waiting for {what}, held by process {file.read().strip() or 'unknown'} or its child")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        _held.add(file.fileno())
        try:
            yield
        finally:
            _held.discard(file.fileno())
