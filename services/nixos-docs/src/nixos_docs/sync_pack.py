"""``python -m nixos_docs.sync_pack``: fetches and indexes one pack in a process of its own, then says how it went.

The order comes on standard input, the outcome goes to standard output, both as one JSON document. The index appears
in the folder of the order; to put it in force is the caller's.
"""

import ctypes
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from nixos_docs.fetch import archive, git, unpack
from nixos_docs.fetch.bounds import Bounds, Meter
from nixos_docs.fetch.errors import PackError
from nixos_docs.fetch.files import choose
from nixos_docs.fetch.http import PackHttp
from nixos_docs.index.dumps import read_options, read_packages
from nixos_docs.index.writer import Writer
from nixos_docs.packs import Pack
from nixos_docs.reading.formats import read_page

INDEX = "index.sqlite"
_PDEATHSIG = 1


class Order(BaseModel):
    """What to do."""

    pack: Pack
    folder: Path
    bounds: Bounds
    extra_ca: Path | None = None


class Outcome(BaseModel):
    """How it went: ``fault`` is upstream's and may be shown, ``failure`` is ours and may not."""

    entries: int = 0
    fault: str | None = None
    failure: str | None = None


def sync(order: Order) -> Outcome:
    """Fetch, verify and index."""
    try:
        entries = _index(order)
    except PackError as error:
        return Outcome(fault=str(error))
    except MemoryError:
        return Outcome(fault="the pack needs more memory than it may have")
    except (OSError, sqlite3.Error) as error:
        return Outcome(failure=f"{type(error).__name__}: {error}")
    if not entries:
        return Outcome(fault="the pack holds nothing to search: do 'strip', 'include' and 'format' fit it?")
    return Outcome(entries=entries)


def _index(order: Order) -> int:
    pack, bounds = order.pack, order.bounds
    fetched = order.folder / "fetched"
    with PackHttp(pack, bounds.stall_seconds, order.extra_ca) as http:
        (archive.download if pack.kind == "archive" else git.fetch)(pack, fetched, http, bounds)
    with Writer(order.folder / INDEX, pack) as writer:
        if pack.format == "pages":
            # A page may be compressed inside the archive, where no limit of the archive sees it swell.
            meter = Meter(bounds.max_unpacked, "the text of all pages")
            for path, content in _files(pack, fetched, bounds):
                if (page := read_page(path, content, bounds.max_page)) is not None:
                    meter.add(len(page.text))
                    writer.add_page(page)
        else:
            read = read_packages if pack.format == "packages" else read_options
            for dump in _dumps(pack, fetched, bounds):
                for entry in read(dump):
                    writer.add_entry(*entry)
        return writer.entries


def _files(pack: Pack, fetched: Path, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    if pack.kind == "git":
        return choose(pack, git.list_files(fetched, pack, bounds))
    return choose(pack, unpack.list_files(fetched, pack.url, bounds))


def _dumps(pack: Pack, fetched: Path, bounds: Bounds) -> Iterator[bytes]:
    """A dump is a file of its own, as NixOS publishes it, or else what ``include`` names."""
    if pack.kind == "archive" and not pack.include:
        yield unpack.read_whole(fetched, pack.url, bounds)
        return
    roomy = bounds.model_copy(update={"max_page": bounds.max_dump})
    yield from (content for path, content in _files(pack, fetched, roomy) if path.endswith(".json"))


def main() -> int:
    """Do as ordered. Returns 0 when the outcome could be told, whatever it is."""
    # Whoever ordered this is gone or has given up: so does this.
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    os.nice(10)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_AS, (order.bounds.max_memory, order.bounds.max_memory))
    sys.stdout.write(sync(order).model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
