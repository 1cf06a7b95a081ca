"""A nixos-docs that most tests share, with three packs; and the makings of others."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from docs_testbed import Docs, Upstream, make_docs, running, tar

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def shared_upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """An upstream of the test's own."""
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Docs]:
    """A nixos-docs of the test's own, not yet started; keywords are settings."""
    return lambda **settings: make_docs(tmp_path / "docs", **settings)


@pytest.fixture(scope="session")
def packs(shared_upstream: Upstream) -> list[dict[str, Any]]:
    files = {
        f"manual-1/{path.relative_to(DATA)}": path.read_bytes() for path in DATA.rglob("*") if path.is_file()
    }
    pages = {name: content for name, content in files.items() if not name.endswith(".json")}
    base = "https://docs.example/{stem}.html"
    return [
        shared_upstream.offer("manual", tar(pages), strip=1, exclude=["other/**"], base_url=base),
        shared_upstream.offer("other", tar(pages), strip=2, include=["*.txt", "*.rst"]),
        shared_upstream.offer(
            "nixpkgs",
            brotli.compress((DATA / "packages.json").read_bytes()),
            ending=".json.br",
            format="packages",
        ),
        shared_upstream.offer(
            "nixos",
            json.dumps(json.loads((DATA / "options.json").read_text())).encode(),
            ending=".json",
            format="options",
        ),
    ]


@pytest.fixture(scope="session")
def docs(tmp_path_factory: pytest.TempPathFactory, packs: list[dict[str, Any]]) -> Iterator[Docs]:
    """The one that tests share; they change nothing in it."""
    with running(make_docs(tmp_path_factory.mktemp("shared") / "docs"), *packs) as started:
        started.wait_until_synced()
        yield started
