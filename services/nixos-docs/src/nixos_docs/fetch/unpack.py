"""Reads files out of an archive as a stream: nothing is laid down, so there is nothing to escape to."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

import brotli

from nixos_docs.fetch.bounds import FREE, Bounds, Meter, Metered, Readable
from nixos_docs.fetch.errors import PackError

_NOWHERE = "/nonexistent"
_CHUNK = 64 * 1024
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, brotli.error, tarfile.TarError)


class _Brotli:
    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._decoder, self._rest = file, brotli.Decompressor(), b""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes, or all of them."""
        parts, wanted = [], size
        while size < 0 or wanted > 0:
            if not self._rest:
                self._rest = self._more()
                if not self._rest:
                    break
            taken = self._rest if size < 0 else self._rest[:wanted]
            self._rest = self._rest[len(taken) :]
            parts.append(taken)
            wanted -= len(taken)
        return b"".join(parts)

    def _more(self) -> bytes:
        while not self._decoder.is_finished():
            given = self._file.read(_CHUNK) if self._decoder.can_accept_more_data() else b""
            if data := bytes(self._decoder.process(given, output_buffer_limit=4 * _CHUNK)):
                return data
            if not given and self._decoder.can_accept_more_data():
                raise EOFError("the brotli stream ended too early")
        return b""


@contextmanager
def open_stream(path: Path, url: str, bounds: Bounds, limit: int | None = None) -> Iterator[Metered]:
    """The decompressed bytes of ``path``, by its first bytes (brotli, which has none, by the URL's ending).

    Raises PackError for what is broken and, while it is read, beyond the bounds: absolutely, and in proportion to the
    file's own size.
    """
    most = min(limit or bounds.max_unpacked, max(FREE, path.stat().st_size * bounds.max_ratio))
    meter = Meter(most, "what the archive unpacks to")
    try:
        with path.open("rb") as file, ExitStack() as stack:
            magic = file.read(6)
            file.seek(0)
            stream: Readable = file
            if magic.startswith(b"\x1f\x8b"):
                stream = stack.enter_context(gzip.GzipFile(fileobj=file))
            elif magic.startswith(b"\xfd7zXZ\x00"):
                stream = stack.enter_context(lzma.LZMAFile(file))
            elif magic.startswith(b"BZh"):
                stream = stack.enter_context(bz2.BZ2File(file))
            elif url.endswith(".br"):
                stream = _Brotli(file)
            yield Metered(stream, meter)
    except _BROKEN as error:
        raise PackError("the archive is broken, or not what its record says") from error


def read_whole(path: Path, url: str, bounds: Bounds) -> bytes:
    """All of a dump. Raises PackError when it is broken or too large."""
    with open_stream(path, url, bounds, bounds.max_dump) as stream:
        return stream.read()


def list_files(path: Path, url: str, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    """Name and content of each regular file of a tar archive; files over ``max_page`` are passed over.

    Raises PackError for an archive that is broken or too large, and for one that tries to leave its folder by a name
    or a link: what does that once is not to be trusted with the rest.
    """
    with (
        open_stream(path, url, bounds) as stream,
        tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as tar,
    ):
        for number, member in enumerate(tar, 1):
            if number > bounds.max_files:
                raise PackError(f"the archive holds more than {bounds.max_files} files")
            name = _check(member)
            opened = tar.extractfile(member) if member.isreg() else None
            if opened is not None and member.size <= bounds.max_page:
                yield name, opened.read()


def _check(member: tarfile.TarInfo) -> str:
    try:
        return tarfile.data_filter(member, _NOWHERE).name
    except tarfile.FilterError as error:
        raise PackError(f"the archive is hostile: {type(error).__name__.removesuffix('Error')}") from error
