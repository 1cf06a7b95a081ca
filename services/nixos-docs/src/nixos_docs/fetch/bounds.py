"""How much a pack may be."""

from collections.abc import Callable
from typing import IO, Protocol

from pydantic import BaseModel, ConfigDict

from nixos_docs.fetch.errors import PackError

FREE = 16 * 1024 * 1024


class Bounds(BaseModel):
    """The limits of one sync, from the settings."""

    model_config = ConfigDict(frozen=True)

    max_download: int
    max_unpacked: int
    max_ratio: int
    max_files: int
    max_page: int
    max_dump: int
    max_memory: int
    stall_seconds: float


class Meter:
    """Counts bytes and says no when they are too many."""

    def __init__(self, limit: int, what: str) -> None:
        self._left, self._limit, self._what = limit, limit, what

    def add(self, size: int) -> None:
        """Count ``size`` more. Raises PackError beyond the limit."""
        self._left -= size
        if self._left < 0:
            raise PackError(f"{self._what} is larger than {self._limit} bytes")


class Readable(Protocol):
    """What a decompressor offers."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes."""


class Metered:
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: Readable | IO[bytes], meter: Meter) -> None:
        self._stream, self._meter = stream, meter

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes. Raises PackError when all that was read is too much."""
        data = self._stream.read(size)
        self._meter.add(len(data))
        return data


def metered(read: Callable[[int], bytes], meter: Meter) -> Callable[[int], bytes]:
    """``read``, counted."""

    def counted(size: int) -> bytes:
        data = read(size)
        meter.add(len(data))
        return data

    return counted
