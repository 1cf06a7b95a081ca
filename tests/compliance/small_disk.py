"""A small file system in a folder's place on a live host, which is filled and emptied again."""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.compliance.live import LiveHost

FILLER = ".filler-of-a-test"


@dataclass(frozen=True)
class SmallDisk:
    """One in memory, so that nothing else on the host has less room."""

    live: LiveHost
    path: str

    def fill(self) -> None:
        """To the last byte; again, where something has freed some since."""
        filler = shlex.quote(f"{self.path}/{FILLER}")
        # dd ends with 1 when there is no more room, and that is what it is for.
        self.live.sh(
            f"dd if=/dev/zero of={filler} bs=64K oflag=append conv=notrunc status=none 2>/dev/null;"
            f" dd if=/dev/zero of={filler} bs=1 count=64K oflag=append conv=notrunc status=none 2>/dev/null; true"
        )

    def empty(self) -> None:
        """There is room again; also where it was never filled."""
        self.live.sh(f"rm -f {shlex.quote(f'{self.path}/{FILLER}')}")

    @property
    def free(self) -> int:
        """Bytes."""
        blocks, size = self.live.sh(f"stat --file-system --format '%a %S' {shlex.quote(self.path)}").split()
        return int(blocks) * int(size)


def mount_line(path: str, size: str) -> str:
    """The shell line that puts an empty file system at ``path``, whose owner and mode are those of the folder."""
    quoted = shlex.quote(path)
    return (
        f"said=$(stat --format 'uid=%u,gid=%g,mode=%a' {quoted}) && "
        f'mount -t tmpfs -o "nosuid,nodev,noexec,size={size},$said" tmpfs {quoted}'
    )


@contextmanager
def small_disk(live: LiveHost, path: str, size: str) -> Iterator[SmallDisk]:
    """What is in the folder is hidden meanwhile, and there again afterwards. Whoever uses it has to open it anew."""
    assert not live.sh(f"findmnt --noheadings --mountpoint {shlex.quote(path)} || true"), (
        f"{path} is one already"
    )
    live.sh(mount_line(path, size))
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
