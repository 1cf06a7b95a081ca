"""Archives that lie, bomb or try to get out are refused as a whole."""

import bz2
import gzip
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
from docs_testbed import Upstream, fault_of, paths_of, sync_here, tar

GOOD = {"a.md": "# Zebra\n"}


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a file above the folder": (tar({**GOOD, "../evil.md": "x"}), "hostile: OutsideDestination"),
    "a file far above": (tar({**GOOD, "a/../../../etc/cron.d/x.md": "x"}), "hostile: OutsideDestination"),
    "a link out": (
        tar(GOOD, member("l", tarfile.SYMTYPE, "../../etc/passwd")),
        "hostile: LinkOutsideDestination",
    ),
    "an absolute link": (tar(GOOD, member("l", tarfile.SYMTYPE, "/etc/passwd")), "hostile: AbsoluteLink"),
    "a hard link out": (
        tar(GOOD, member("l.md", tarfile.LNKTYPE, "../x")),
        "hostile: LinkOutsideDestination",
    ),
    "a device": (tar(GOOD, member("dev", tarfile.CHRTYPE)), "hostile: SpecialFile"),
    "a pipe": (tar(GOOD, member("pipe.md", tarfile.FIFOTYPE)), "hostile: SpecialFile"),
    "a bomb": (tar({"zeros.md": bytes(40 * 1024 * 1024)}), "what the archive unpacks to is larger than"),
    "a bomb that nobody asked for": (
        tar({**GOOD, "zeros.bin": bytes(40 * 1024 * 1024)}),
        "what the archive unpacks to is larger than",
    ),
    "too many files": (tar({f"{number}.md": "x" for number in range(60)}), "more than 50 files"),
    "half an archive": (
        tar({**GOOD, "b.md": "x" * 100_000 + str(list(range(9999)))})[:9000],
        "the archive is broken",
    ),
    "noise": (b"\x1f\x8b" + bytes(range(256)) * 20, "the archive is broken"),
    "a page for an archive": (b"<html>404</html>" * 100, "the archive is broken, or not what"),
    "nothing": (b"", "the archive is broken, or not what"),
    "no documentation": (tar({"a.png": "x", "b.c": "int x;"}), "holds nothing to search"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_it_is_refused_and_said_why(what: str, upstream: Upstream, tmp_path: Path) -> None:
    content, said = HOSTILE[what]
    assert said in fault_of(upstream.offer("zoo", content), tmp_path / "sync")


def test_what_is_larger_than_a_download_may_be_is_given_up(upstream: Upstream, tmp_path: Path) -> None:
    pack = upstream.offer("zoo", tar({"a.md": "x" * 100}, mode="w"))
    assert fault_of(pack, tmp_path / "sync", max_download=5000) == "the archive is larger than 5000 bytes"


def test_pages_that_swell_inside_the_archive_are_counted(upstream: Upstream, tmp_path: Path) -> None:
    page = gzip.compress(b"# Zebra\n\n" + b"stripes and more stripes\n" * 3000)
    pack = upstream.offer("zoo", tar({f"{number}.md.gz": page for number in range(20)}))
    said = fault_of(pack, tmp_path / "sync", max_unpacked=500_000)
    assert said == "the text of all pages is larger than 500000 bytes"


DUMPS: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "the dump is no JSON"),
    "deep JSON": (b"[" * 100_000, "the dump is no JSON"),
    "another JSON": (b'{"pkgs": {}}', "it lacks an object 'packages'"),
    "a list": (b"[]", "it lacks an object 'packages'"),
    "no entries": (b'{"packages": {}}', "holds nothing to search"),
    "broken brotli": (b"\xff\xff\xff", "the archive is broken"),
    "a brotli bomb": (brotli.compress(bytes(40 * 1024 * 1024)), "what the archive unpacks to is larger than"),
    "a cut brotli": (brotli.compress(json.dumps(list(range(9999))).encode())[:-9], "the archive is broken"),
}


@pytest.mark.parametrize("what", DUMPS)
def test_a_dump_that_is_none_is_refused(what: str, upstream: Upstream, tmp_path: Path) -> None:
    content, said = DUMPS[what]
    ending = ".json.br" if "brotli" in what else ".json"
    assert said in fault_of(
        upstream.offer("zoo", content, ending=ending, format="packages"), tmp_path / "sync"
    )


COMPRESSIONS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "bare": (".json", bytes),
    "gzip": (".json.gz", gzip.compress),
    "xz": (".json.xz", lzma.compress),
    "bzip2": (".json.bz2", bz2.compress),
    "brotli": (".json.br", brotli.compress),
}


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_a_dump_may_be_compressed(how: str, upstream: Upstream, tmp_path: Path) -> None:
    ending, compress = COMPRESSIONS[how]
    dump = {"packages": {f"p{number}": {"pname": f"p{number}"} for number in range(5000)}}
    pack = upstream.offer("zoo", compress(json.dumps(dump).encode()), ending=ending, format="packages")
    assert sync_here(pack, tmp_path / "sync").entries == 5000


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_an_archive_may_be_compressed(mode: str, upstream: Upstream, tmp_path: Path) -> None:
    assert sync_here(upstream.offer("zoo", tar(GOOD, mode=mode)), tmp_path / "sync").entries == 1


def test_links_inside_are_no_fault_and_no_page(upstream: Upstream, tmp_path: Path) -> None:
    pack = upstream.offer("zoo", tar(GOOD, member("b.md", tarfile.SYMTYPE, "a.md")))
    assert sync_here(pack, tmp_path / "sync").entries == 1


ODD_PAGES: dict[str, Any] = {
    "deep.html": "<div>" * 20_000 + "zebra" + "</div>" * 20_000,
    "deep.md": "> " * 5_000 + "zebra",
    "deep.xml": "<a>" * 20_000 + "zebra" + "</a>" * 20_000,
    "laughs.xml": '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 if n else chr(59)};" * 10}">'.replace("&a;;", "&a;") for n in range(12)
    )
    + "]><a>&a11;</a>",
    "entity.xml": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    "latin.txt": "Stra\xdfe".encode("latin-1"),
    "binary.md": bytes(range(256)) * 50,
    "huge.md": "x" * (9 * 1024 * 1024),
    "empty.md": "",
    "fields.1": ".TH x 1\n.SH NAME\nx \\- y\n.de LOOP\n.LOOP\n..\n.LOOP\n\\f(XX\\",
    "bomb.1.gz": gzip.compress(bytes(9 * 1024 * 1024)),
}


def test_odd_pages_do_not_spoil_the_pack(upstream: Upstream, tmp_path: Path) -> None:
    pack = upstream.offer("zoo", tar({**ODD_PAGES, **GOOD}))
    assert sync_here(pack, tmp_path / "sync", max_ratio=100_000).fault is None
    assert {"a.md", "latin.txt", "deep.html", "fields.1"} <= set(paths_of(tmp_path / "sync"))
    assert not {"binary.md", "huge.md", "entity.xml", "laughs.xml", "bomb.1"} & set(
        paths_of(tmp_path / "sync")
    )
