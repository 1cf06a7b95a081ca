"""HTTP to the hosts of one pack and to nobody else, whatever a redirect says."""

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.response import BaseHTTPResponse

from nixos_docs.fetch.errors import PackError
from nixos_docs.packs import Pack

_REDIRECTS = 5


class PackHttp(urllib3.PoolManager):
    """A pool of connections that refuses every URL beyond the pack's own hosts, and http after https."""

    def __init__(self, pack: Pack, stall_seconds: float, extra_ca: Path | None = None) -> None:
        super().__init__(
            headers={"User-Agent": "garrison-nixos-docs", "Accept-Encoding": "identity"},
            timeout=urllib3.Timeout(connect=min(stall_seconds, 10.0), read=stall_seconds),
            retries=urllib3.Retry(
                total=_REDIRECTS + 2,
                connect=2,
                read=0,
                other=0,
                status=0,
                redirect=_REDIRECTS,
                backoff_factor=0.5,
            ),
            ssl_context=_trust(extra_ca),
        )
        self._responses: list[BaseHTTPResponse] = []
        self._hosts, self._schemes = (
            pack.allowed_hosts,
            {"https"} if pack.insecure is None else {"http", "https"},
        )

    def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> BaseHTTPResponse:  # type: ignore[override] # urllib3 passes it by keyword
        """As PoolManager's; it comes by here for each redirect. Raises PackError for a URL that isn't allowed."""
        parts = urlsplit(url)
        if parts.scheme not in self._schemes or parts.netloc.lower() not in self._hosts:
            raise PackError(
                f"upstream leads to {parts.scheme}://{parts.netloc}, which the pack does not allow"
            )
        response = super().urlopen(method, url, redirect, **options)
        self._responses.append(response)
        return response

    def clear(self) -> None:
        """Close every connection, those with an answer under way among them."""
        for response in self._responses:
            response.close()
        super().clear()


def _trust(extra_ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if extra_ca is not None and extra_ca.is_file() and extra_ca.read_text().strip():
        context.load_verify_locations(cafile=str(extra_ca))
    return context


def describe(error: Exception) -> str:
    """What went wrong on the way to upstream, in words that hold nothing of the inside."""
    # urllib3 wraps what happened in what it did about it.
    causes = [error, getattr(error, "reason", None), *error.args]
    kinds = (
        (urllib3.exceptions.NameResolutionError, "its name is not known"),
        (urllib3.exceptions.ConnectTimeoutError, "it cannot be reached in time"),
        (urllib3.exceptions.NewConnectionError, "it cannot be reached"),
        (urllib3.exceptions.ReadTimeoutError, "it stopped answering"),
        (urllib3.exceptions.SSLError, "its certificate is not trusted"),
        (urllib3.exceptions.ResponseError, "it redirects too often"),
        (urllib3.exceptions.IncompleteRead, "its answer ended too early"),
        (urllib3.exceptions.ProtocolError, "the connection broke"),
    )
    return next(
        (text for kind, text in kinds if any(isinstance(cause, kind) for cause in causes)),
        "it cannot be talked to",
    )
