"""Reads files out of an archive as a stream: nothing is laid down, so there is nothing to escape to."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
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
            given = b"" if not self._decoder.can_accept_more_data() else self._file.read(_CHUNK)
            if not given and self._decoder.can_accept_more_data():
                raise EOFError("the brotli stream ended too early")
            if data := bytes(self._decoder.process(given, output_buffer_limit=4 * _CHUNK)):
                return data
        return b""


def open_stream(path: Path, url: str, bounds: Bounds, limit: int | None = None) -> Metered:
    """The decompressed bytes of ``path``, by its first bytes (brotli, which has none, by the URL's ending).

    Reading raises PackError beyond the bounds: absolutely, and in proportion to the file's own size.
    """
    file = path.open("rb")
    magic = file.read(6)
    file.seek(0)
    stream: Readable = file
    if magic.startswith(b"\x1f\x8b"):
        stream = gzip.GzipFile(fileobj=file)
    elif magic.startswith(b"\xfd7zXZ\x00"):
        stream = lzma.LZMAFile(file)  # noqa: SIM115 - the process ends soon
    elif magic.startswith(b"BZh"):
        stream = bz2.BZ2File(file)
    elif url.endswith(".br"):
        stream = _Brotli(file)
    most = min(limit or bounds.max_unpacked, max(FREE, path.stat().st_size * bounds.max_ratio))
    return Metered(stream, Meter(most, "what the archive unpacks to"))


def read_whole(path: Path, url: str, bounds: Bounds) -> bytes:
    """All of a dump. Raises PackError when it is broken or too large."""
    try:
        return open_stream(path, url, bounds, bounds.max_dump).read()
    except _BROKEN as error:
        raise PackError("the archive is broken") from error


def list_files(path: Path, url: str, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    """Name and content of each regular file of a tar archive; files over ``max_page`` come as empty.

    Raises PackError for an archive that is broken or too large, and for one that tries to leave its folder by a name
    or a link: what does that once is not to be trusted with the rest.
    """
    stream = cast(IO[bytes], open_stream(path, url, bounds))
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for number, member in enumerate(tar, 1):
                if number > bounds.max_files:
                    raise PackError(f"the archive holds more than {bounds.max_files} files")
                checked = tarfile.data_filter(member, _NOWHERE)
                if not member.isreg():
                    continue
                opened = tar.extractfile(member)
                small = opened is not None and member.size <= bounds.max_page
                yield checked.name, opened.read() if opened is not None and small else b""
    except tarfile.FilterError as error:
        raise PackError(f"the archive is hostile: {type(error).__name__.removesuffix('Error')}") from error
    except _BROKEN as error:
        raise PackError("the archive is broken, or no tar archive") from error
