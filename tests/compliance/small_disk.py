"""A small file system in a folder's place on a live host, which is filled and emptied again."""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.compliance.live import LiveHost

FILLER = ".filler-of-a-test"
# What it may hold, of which nothing is taken before somebody writes: more than journald leaves free.
ROOM = "3G"
# Nothing else is said anew: mount would take the owner from the list of mounts, with the number that it has there.
_RESIZED = "--options-source disable -o remount,nosuid,nodev,noexec,size="


def mount_line(path: str) -> str:
    """The shell line that puts an empty file system at ``path``, whose owner and mode are those of the folder."""
    quoted = shlex.quote(path)
    return (
        f"said=$(stat --format 'uid=%u,gid=%g,mode=%a' {quoted}) && "
        f'mount -t tmpfs -o "nosuid,nodev,noexec,size={ROOM},$said" tmpfs {quoted}'
    )


def fill_line(path: str) -> str:
    """The one that makes it as small as what is in it; again, where somebody wrote or freed something meanwhile."""
    quoted = shlex.quote(path)
    return (
        f"for _ in 1 2 3 4 5 6 7 8 9 10; do set -- $(stat --file-system --format '%b %f %S' {quoted});"
        f" used=$((($1 - $2) * $3)); [ $used -gt 0 ] || used=$3;"
        f" mount {_RESIZED}$used {quoted} && break; done;"
        # dd ends with 1 when there is no more room, and that is what it is for.
        f" dd if=/dev/zero of={shlex.quote(f'{path}/{FILLER}')} bs=4K status=none 2>/dev/null;"
        f" [ $(stat --file-system --format %f {quoted}) -eq 0 ]"
    )


def resize_line(path: str, size: str) -> str:
    """The one that makes it of that size; also where it was never filled."""
    return f"mount {_RESIZED}{size} {shlex.quote(path)} && rm -f {shlex.quote(f'{path}/{FILLER}')}"


@dataclass(frozen=True)
class SmallDisk:
    """One in memory: nothing else on the host has less room, and to fill it takes none."""

    live: LiveHost
    path: str

    def fill(self) -> None:
        """To the last byte."""
        self.live.sh(fill_line(self.path))

    def leave(self, size: str) -> None:
        """So much and no more, of an empty one."""
        self.live.sh(resize_line(self.path, size))

    def empty(self) -> None:
        """There is room again."""
        self.live.sh(resize_line(self.path, ROOM))


@contextmanager
def small_disk(live: LiveHost, path: str) -> Iterator[SmallDisk]:
    """What is in the folder is hidden meanwhile, and there again afterwards. Whoever uses it has to open it anew."""
    assert not live.sh(f"findmnt --noheadings --mountpoint {shlex.quote(path)} || true"), (
        f"{path} is one already"
    )
    live.sh(mount_line(path))
    try:
        yield SmallDisk(live, path)
    finally:
        # Lazily: a program that has a file open there keeps nobody from what is below.
        live.sh(f"umount --lazy {shlex.quote(path)}")


def wait_until(question: Callable[[], object], seconds: float, what: str) -> None:
    """Until the question is answered with yes."""
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, f"after {seconds:g} s not yet: {what}"
        time.sleep(1)
