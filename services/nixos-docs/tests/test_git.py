"""Git repositories over HTTP: the pinned commit, alone where the server allows that."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from docs_testbed import WHY, Docs, running
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

Make = Callable[..., Docs]


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


def test_the_pinned_commit_is_indexed_and_not_the_newest(repository: Path, url: str, make: Make) -> None:
    commit = git(repository, "rev-parse", "HEAD~1")
    with running(make(), record(url, commit, include=["docs/*.md"])) as docs:
        docs.wait_until_synced()
        assert docs.found(query="zebra")["total"] == 1
        assert docs.found(query="okapi")["total"] == 0
        assert (docs.sources()["zoo"]["version"], docs.sources()["zoo"]["entries"]) == (commit, 1)


def test_the_newest_commit_is_fetched_too(repository: Path, url: str, make: Make) -> None:
    with running(make(), record(url, git(repository, "rev-parse", "HEAD"), strip=1)) as docs:
        docs.wait_until_synced()
        assert docs.found(query="okapi")["results"][0]["metadata"]["path"] == "okapi.md"


FAULTS = {
    "a commit that upstream lacks": ({"commit": "0" * 40}, "upstream does not have the commit"),
    "no repository": ({"url": "{url}x"}, "upstream has no such repository"),
    "nobody there": ({"url": "http://127.0.0.1:1/zoo.git"}, "upstream failed: it cannot be reached"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_a_502_that_names_the_pack(fault: str, repository: Path, url: str, make: Make) -> None:
    change, said = FAULTS[fault]
    pack = record(url, git(repository, "rev-parse", "HEAD"))
    pack |= {key: value.replace("{url}", url) for key, value in change.items()}
    with running(make(retry_seconds=60), pack) as docs:
        problem = docs.ask("/sync")
        assert problem.status_code == 502
        assert problem.json()["detail"].startswith("Pack zoo: ")
        assert said in problem.json()["detail"]


def test_a_tree_is_no_commit(repository: Path, url: str, make: Make) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    with running(make(retry_seconds=60), record(url, tree)) as docs:
        assert docs.ask("/sync").status_code == 502


def test_a_repository_beyond_the_bounds_is_given_up(repository: Path, url: str, make: Make) -> None:
    (repository / "docs" / "noise.md").write_bytes(bytes(range(256)) * 4096)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "three")
    commit = git(repository, "rev-parse", "HEAD")
    with running(make(retry_seconds=60, max_download=2000), record(url, commit)) as docs:
        assert "the repository is larger than 2000 bytes" in docs.ask("/sync").json()["detail"]
