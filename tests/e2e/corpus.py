"""The corpus: a fixed list of manual pages, taken from Debian's packages and kept as plain text."""

import gzip
import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import yaml

from tests.e2e.roff import Page, render_page

DATA = Path(__file__).parent / "data"
LIST = DATA / "pages.yaml"


def load_corpus() -> list[Page]:
    """All pages, from the cache if they are there; what makes them decides where they lie."""
    makers = [LIST, Path(__file__), Path(__file__).with_name("roff.py"), Path("/etc/os-release")]
    digest = hashlib.sha256(b"".join(maker.read_bytes() for maker in makers)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "garrison" / "corpus" / digest
    kept = cache / "pages.json"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _write_whole(kept, json.dumps([asdict(page) for page in _make()]))
    return [Page(**page) for page in json.loads(kept.read_text())]


def _write_whole(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as half:
        half.write(text)
    Path(half.name).replace(path)


def _make() -> list[Page]:
    wanted = yaml.safe_load(LIST.read_text())
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        manual = _unpack(wanted["packages"], Path(folder))
        return list(pool.map(lambda one: render_page(*one), _read(manual, wanted["pages"])))


def _unpack(packages: list[str], folder: Path) -> Path:
    """The packages' manual pages, in a folder; nothing is installed."""
    _download(packages, folder)
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, folder / "root"], check=True)
    return folder / "root" / "usr" / "share" / "man"


def _download(packages: list[str], folder: Path) -> None:
    first = _apt(folder, "download", *packages)
    if first.returncode == 0:
        return
    # This machine's package lists are missing or old. Ones of our own need nobody's leave.
    (folder / "lists" / "partial").mkdir(parents=True)
    own = ["-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}"]
    for words in (["update"], ["download", *packages]):
        done = _apt(folder, *own, *words)
        assert done.returncode == 0, f"apt-get {words[0]}: {done.stderr or first.stderr}"


def _apt(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # Its user _apt can't write to a folder of ours.
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def _read(manual: Path, pages: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    for section, names in pages.items():
        for name in names.split():
            packed = manual / f"man{section}" / f"{name}.{section}.gz"
            yield f"{name}.{section}", gzip.decompress(packed.read_bytes())
