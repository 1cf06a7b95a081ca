"""Which reader a file gets, by the ending of its name."""

import re
import zlib
from collections.abc import Callable

from nixos_docs.reading.docbook import read_docbook
from nixos_docs.reading.html import read_html
from nixos_docs.reading.markdown import read_markdown
from nixos_docs.reading.page import Page
from nixos_docs.reading.plain import read_plain
from nixos_docs.reading.roff import read_roff

Reader = Callable[[str, str], Page]

_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"\.(md|markdown)$", re.I), read_markdown),
    (re.compile(r"\.x?html?$", re.I), read_html),
    (re.compile(r"\.(xml|dbk|docbook)$", re.I), read_docbook),
    (re.compile(r"\.([1-9][a-z]{0,4}|man|roff)$"), read_roff),
    (re.compile(r"\.(txt|rst|text)$", re.I), read_plain),
)


def find_reader(path: str) -> Reader | None:
    """The reader for ``path`` (``.gz`` at its end doesn't count), or None for what is no documentation."""
    bare = path.removesuffix(".gz")
    return next((reader for pattern, reader in _READERS if pattern.search(bare)), None)


def read_page(path: str, content: bytes, limit: int) -> Page | None:
    """The page in a file, or None for a file that can't be read as what its name says."""
    reader = find_reader(path)
    if reader is None:
        return None
    data = _inflate(content, limit) if path.endswith(".gz") else content
    if data is None or b"\x00" in data[:4096]:
        return None
    try:
        page = reader(path.removesuffix(".gz"), _decode(data))
    except (ValueError, RecursionError):
        return None
    return page if page.sections else None


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _inflate(content: bytes, limit: int) -> bytes | None:
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = decoder.decompress(content, limit + 1)
    except zlib.error:
        return None
    return data if len(data) <= limit and decoder.eof else None
