"""Downloads an archive, and opens it only once its SHA-256 is the pinned one."""

import hashlib
from pathlib import Path

import urllib3

from nixos_docs.fetch.bounds import Bounds, Meter
from nixos_docs.fetch.errors import PackError
from nixos_docs.fetch.http import PackHttp, describe
from nixos_docs.packs import Pack

_CHUNK = 256 * 1024


def download(pack: Pack, target: Path, http: PackHttp, bounds: Bounds) -> None:
    """Write what ``pack.url`` gives to ``target``. Raises PackError when that fails, or isn't what was pinned."""
    try:
        response = http.request("GET", pack.url, preload_content=False, decode_content=False)
        try:
            if response.status != 200:
                raise PackError(f"upstream answered {response.status}")
            digest = _store(response, target, bounds.max_download)
        finally:
            response.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise PackError(f"upstream failed: {describe(error)}") from error
    if digest != pack.sha256:
        raise PackError(f"the archive's SHA-256 is {digest}, and not the one that the list names")


def _store(response: urllib3.BaseHTTPResponse, target: Path, limit: int) -> str:
    meter, digest = Meter(limit, "the archive"), hashlib.sha256()
    with target.open("xb") as file:
        for chunk in response.stream(_CHUNK, decode_content=False):
            meter.add(len(chunk))
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
