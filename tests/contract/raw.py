"""Requests that no proper client would send, over TLS, byte by byte."""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx

PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Wire:
    """A way to the door for whatever bytes there are."""

    door: str
    authority: Path

    def send(self, head: bytes, *pieces: bytes) -> httpx.Response:
        """The first answer to these bytes; pieces that the door no longer wants are left out."""
        place = urlsplit(self.door)
        assert place.hostname
        trust = ssl.create_default_context(cafile=str(self.authority))
        with (
            socket.create_connection((place.hostname, place.port), PATIENCE) as link,
            trust.wrap_socket(link, server_hostname=place.hostname) as secured,
        ):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
                for piece in (head, *pieces):
                    secured.sendall(piece)
            return _read(secured)

    def head(self, method: str, path: str, *lines: bytes) -> bytes:
        """The head of a request: ``lines`` as they are beside what every request has."""
        place = urlsplit(self.door).netloc.encode()
        first = f"{method} {path} HTTP/1.1".encode()
        return b"\r\n".join([first, b"Host: " + place, b"Connection: close", *lines, b"", b""])


def _read(link: socket.socket) -> httpx.Response:
    answer = HTTPResponse(link)
    try:
        answer.begin()
        body = answer.read()
    except (HTTPException, OSError) as error:
        raise AssertionError(f"no answer: {error!r}") from error
    request = httpx.Request("GET", "https://raw.invalid/")
    return httpx.Response(answer.status, headers=answer.getheaders(), content=body, request=request)
