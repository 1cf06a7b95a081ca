"""The lab's documentation packs, made once from Debian's packages and kept with their digests."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from garrison.lab import apt, upstream_dumps
from garrison.lab.commands import run
from garrison.lab.locks import hold
from garrison.lab.places import Places
from garrison.lab.progress import say
from garrison.lab.recipe import SUITE

_PACKAGES = ("nix-bin", "debian-policy")
_INDEX = "packs.json"


@dataclass(frozen=True, kw_only=True)
class Packs:
    """The files in ``folder`` by name, each with its pack's record, which lacks only the URL."""

    folder: Path
    records: Mapping[str, Mapping[str, Any]]


def ensure_packs(places: Places) -> Packs:
    """The packs, from the cache if they are there. What makes them decides where they lie.

    Raises ProblemError when this machine's apt doesn't deliver what they are made from.
    """
    makers = [Path(__file__), Path(upstream_dumps.__file__)]
    recipe = b"".join([SUITE.encode(), *(maker.read_bytes() for maker in makers)])
    folder = places.packs / hashlib.sha256(recipe).hexdigest()[:16]
    with hold(places.packs / "lock", "the cache of documentation packs"):
        if not (folder / _INDEX).is_file():
            _make(folder)
    return Packs(folder=folder, records=json.loads((folder / _INDEX).read_text()))


def _make(folder: Path) -> None:
    say("making the lab's documentation packs (once; 10 to 30 s)")
    work, part = folder.with_suffix(".work"), folder.with_suffix(".part")
    for left in (work, part, folder):
        shutil.rmtree(left, ignore_errors=True)
    work.mkdir()
    part.mkdir()
    available = _fetch(work)
    share = work / "root" / "usr" / "share"
    records = [
        _add(
            part, "nix-manual", "The manual pages of Nix, from Debian", "pages", _pack(share / "man"), strip=1
        ),
        _add(
            part,
            "debian-policy",
            "Debian Policy Manual",
            "pages",
            _pack(share / "doc" / "debian-policy" / "policy.html"),
            strip=1,
            exclude=["genindex.html", "search.html", "_sources/**"],
            base_url="https://www.debian.org/doc/debian-policy/",
        ),
        _add(
            part,
            "stand-in-packages",
            f"Debian's packages ({SUITE}) in the format of nixpkgs' packages.json, standing in for nixpkgs",
            "packages",
            upstream_dumps.make_packages(available),
        ),
        _add(
            part,
            "stand-in-options",
            "The settings of nix.conf(5) in the format of NixOS's options.json, standing in for NixOS's options",
            "options",
            upstream_dumps.make_options(
                gzip.decompress((share / "man/man5/nix.conf.5.gz").read_bytes()).decode()
            ),
        ),
    ]
    (part / _INDEX).write_text(json.dumps(dict(records), indent=2, sort_keys=True) + "\n")
    part.rename(folder)
    shutil.rmtree(work)


def _fetch(work: Path) -> str:
    """Unpack the packages into ``work/root``; returns what apt knows of all packages. Nothing is installed.

    The lists are fetched anew and kept apart: this machine's own may be of another release, and need nobody's leave.
    """
    for name in ("parts", "lists/partial", "cache/archives/partial", "root"):
        (work / name).mkdir(parents=True)
    (work / "parts" / "lab.sources").write_text(apt.render_sources(apt.read_mirrors(), SUITE))
    settings = {
        # apt's own user can't write to a folder of ours.
        "APT::Sandbox::User": "",
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(work / "parts"),
        "Dir::State::lists": str(work / "lists"),
        "Dir::Cache": str(work / "cache"),
        "Acquire::Languages": "none",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    run(["apt-get", "-q", *options, "update"])
    run(["env", f"--chdir={work}", "apt-get", "-q", *options, "download", *_PACKAGES])
    for package in sorted(work.glob("*.deb")):
        run(["dpkg-deb", "-x", str(package), str(work / "root")])
    return run(["apt-cache", *options, "dumpavail"])


def _add(
    part: Path, name: str, title: str, form: str, content: bytes, **more: Any
) -> tuple[str, Mapping[str, Any]]:
    packed = gzip.compress(content, 6, mtime=0)
    file = f"{name}.tar.gz" if form == "pages" else f"{name}.json.gz"
    (part / file).write_bytes(packed)
    record = {"name": name, "title": title, "kind": "archive", "format": form}
    return file, {**record, "sha256": hashlib.sha256(packed).hexdigest(), **more}


def _pack(folder: Path) -> bytes:
    """The files below ``folder`` as a tar archive: the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in _files(folder):
            info = tarfile.TarInfo(str(path.relative_to(folder.parent)))
            info.size, info.mode = path.stat().st_size, 0o644
            with path.open("rb") as content:
                tar.addfile(info, content)
    return buffer.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
