"""Fetches one pinned commit of a git repository; a commit's id covers every file in it."""

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
from dulwich.client import Urllib3HttpGitClient
from dulwich.errors import NotGitRepository
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from nixos_docs.fetch.bounds import Bounds, Meter, metered
from nixos_docs.fetch.errors import PackError
from nixos_docs.fetch.http import PackHttp, describe
from nixos_docs.packs import Pack

_DEPTH_OF_TREES = 64


class _BoundedClient(Urllib3HttpGitClient):
    def __init__(self, base_url: str, pool: PackHttp, meter: Meter) -> None:
        super().__init__(base_url, pool_manager=pool, quiet=True)
        self._meter = meter

    def _http_request(self, *args: Any, **options: Any) -> tuple[Any, Callable[[int], bytes]]:
        response, read = super()._http_request(*args, **options)
        return response, metered(read, self._meter)


def fetch(pack: Pack, target: Path, http: PackHttp, bounds: Bounds) -> None:
    """Bring ``pack.commit`` into the new bare repository ``target``. Raises PackError when that fails."""
    parts = urlsplit(pack.url)
    meter = Meter(bounds.max_download, "the repository")
    client = _BoundedClient(f"{parts.scheme}://{parts.netloc}", http, meter)
    commit = ObjectID((pack.commit or "").encode())
    with Repo.init_bare(str(target), mkdir=True) as repo:
        try:
            _bring(client, parts.path, repo, commit)
            found = repo.object_store[commit]
        except KeyError as error:
            raise PackError(f"upstream does not have the commit {pack.commit}") from error
        if not isinstance(found, Commit) or found.id != commit:
            raise PackError(f"{pack.commit} is not a commit")


def _bring(client: _BoundedClient, path: str, repo: Repo, commit: ObjectID) -> None:
    """The commit alone where the server allows that, else whole branches."""

    error = _try(lambda: client.fetch(path, repo, determine_wants=lambda _, depth=None: [commit], depth=1))  # noqa: ARG005 - as dulwich calls it
    if error is None and commit in repo.object_store:
        return
    if error is not None and _is_out_of_reach(error):
        raise _failed(error) from error
    error = _try(lambda: client.fetch(path, repo, determine_wants=_want_heads))
    if error is not None:
        raise _failed(error) from error


def _try(fetch: Callable[[], object]) -> Exception | None:
    try:
        fetch()
    except (PackError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - what a server sends can make a parser fail in any way
        return error
    return None


def _want_heads(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:  # noqa: ARG001 - as dulwich calls it
    return [identity for name, identity in refs.items() if name.startswith((b"refs/heads/", b"refs/tags/"))]


def _is_out_of_reach(error: Exception) -> bool:
    return isinstance(error.__cause__, urllib3.exceptions.HTTPError) or isinstance(error, NotGitRepository)


def _failed(error: Exception) -> PackError:
    if isinstance(error, NotGitRepository):
        return PackError("upstream has no such repository")
    cause = error.__cause__
    if isinstance(cause, urllib3.exceptions.HTTPError):
        return PackError(f"upstream failed: {describe(cause)}")
    if "http resp" in str(error):
        return PackError(f"upstream answered {str(error).partition('http resp ')[2][:3]}")
    return PackError("upstream does not speak git as it should")


def list_files(repository: Path, pack: Pack, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the pinned commit; links, submodules and large files are passed over.

    Raises PackError for more than the bounds allow, and for a tree that is broken.
    """
    meter = Meter(bounds.max_unpacked, "the repository")
    with Repo(str(repository)) as repo:
        commit = repo.object_store[ObjectID((pack.commit or "").encode())]
        if not isinstance(commit, Commit):
            raise PackError(f"{pack.commit} is not a commit")
        try:
            for number, (name, blob) in enumerate(_walk(repo, commit.tree, ()), 1):
                if number > bounds.max_files:
                    raise PackError(f"the repository holds more than {bounds.max_files} files")
                data = blob.as_raw_string()
                meter.add(len(data))
                if len(data) <= bounds.max_page:
                    yield name, data
        except (KeyError, ValueError) as error:
            raise PackError("the repository is broken") from error


def _walk(repo: Repo, tree: ObjectID, above: Sequence[str]) -> Iterator[tuple[str, Blob]]:
    found = repo.object_store[tree]
    if not isinstance(found, Tree) or len(above) > _DEPTH_OF_TREES:
        raise PackError("the repository is broken")
    for entry in found.iteritems():
        name, mode, identity = entry.path, entry.mode, entry.sha
        path = (*above, (name or b"").decode("utf-8", "replace"))
        if stat.S_ISDIR(mode or 0):
            yield from _walk(repo, ObjectID(identity or b""), path)
        elif stat.S_ISREG(mode or 0):
            blob = repo.object_store[ObjectID(identity or b"")]
            if isinstance(blob, Blob):
                yield "/".join(path), blob
