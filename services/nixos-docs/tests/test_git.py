"""Git repositories over HTTP: the pinned commit, alone where the server allows that."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from docs_testbed import WHY, fault_of, paths_of, sync_here
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def git(folder: Path, *words: str) -> str:
    author = ["-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: the second takes a page away and brings another."""
    folder = tmp_path / "repository"
    (folder / "docs").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "docs" / "zebra.md").write_text("# Zebra\n")
    (folder / "docs" / "link.md").symlink_to("/etc/passwd")
    (folder / "main.c").write_text("int main;")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    (folder / "docs" / "zebra.md").unlink()
    (folder / "docs" / "okapi.md").write_text("# Okapi\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "two")
    return folder


@pytest.fixture
def url(repository: Path) -> Iterator[str]:
    with Repo(str(repository)) as repo:
        chain = make_wsgi_chain(DictBackend({"/zoo.git": repo}))
        with make_server("127.0.0.1", 0, chain, handler_class=_Quiet) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/zoo.git"
            server.shutdown()
            thread.join()


def record(url: str, commit: str, **more: Any) -> dict[str, Any]:
    pack = {"name": "zoo", "title": "Zoo", "kind": "git", "format": "pages", "url": url, "commit": commit}
    return {**pack, "insecure": WHY, **more}


def test_the_pinned_commit_is_indexed_and_not_the_newest(repository: Path, url: str, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD~1")
    assert sync_here(record(url, commit, include=["docs/*.md"]), tmp_path / "sync").entries == 1
    assert paths_of(tmp_path / "sync") == ["docs/zebra.md"]


def test_the_newest_commit_is_fetched_too(repository: Path, url: str, tmp_path: Path) -> None:
    pack = record(url, git(repository, "rev-parse", "HEAD"), strip=1)
    assert sync_here(pack, tmp_path / "sync").entries == 1
    assert paths_of(tmp_path / "sync") == ["okapi.md"]


FAULTS = {
    "a commit that upstream lacks": ({"commit": "0" * 40}, "upstream does not have the commit"),
    "no repository": ({"url": "{url}x"}, "upstream has no such repository"),
    "nobody there": ({"url": "http://127.0.0.1:1/zoo.git"}, "upstream failed: it cannot be reached"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_upstream_is_told(fault: str, repository: Path, url: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    pack = record(url, git(repository, "rev-parse", "HEAD"))
    pack |= {key: value.replace("{url}", url) for key, value in change.items()}
    assert said in fault_of(pack, tmp_path / "sync")


def test_a_tree_is_no_commit(repository: Path, url: str, tmp_path: Path) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    assert fault_of(record(url, tree), tmp_path / "sync")


def test_a_repository_beyond_the_bounds_is_given_up(repository: Path, url: str, tmp_path: Path) -> None:
    (repository / "docs" / "noise.md").write_bytes(bytes(range(256)) * 4096)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "three")
    commit = git(repository, "rev-parse", "HEAD")
    assert (
        fault_of(record(url, commit), tmp_path / "sync", max_download=2000)
        == "the repository is larger than 2000 bytes"
    )
