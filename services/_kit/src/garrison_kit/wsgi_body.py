"""A request's body under WSGI: measured, never a server error, and what an early answer left of it thrown away."""

import io
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from garrison_kit.limits import BodyMeter
from garrison_kit.problems import HttpProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_DRAIN_BYTES, _DRAIN_SECONDS = 1024 * 1024, 2.0
_UNKNOWN = sys.maxsize
_SOCKET = "gunicorn.socket"


class Body(io.RawIOBase):
    """Stands for ``wsgi.input``; whatever goes wrong while it is read (a broken chunk, a lost client) is a 400."""

    def __init__(self, environ: "WSGIEnvironment", limit: int) -> None:
        self._stream = environ["wsgi.input"]
        self._socket: socket.socket | None = environ.get(_SOCKET)
        self._limit, self._meter = limit, BodyMeter(limit)
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        self._left = _UNKNOWN if is_chunked else _declared(environ.get("CONTENT_LENGTH"))

    @property
    def is_read(self) -> bool:
        """Whether all of it has arrived."""
        return not self._left

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read up to the buffer's size. Raises HttpProblemError: 413 past the limit, 400 for a broken body."""
        data = self._take(len(buffer))
        self._meter.add(len(data))
        buffer[: len(data)] = data
        return len(data)

    def discard(self, *, is_in_use: bool) -> None:
        """After an answer that ends the connection: deal with what the client still sends.

        A client that cannot finish sending never reads its answer, so it is thrown away, within bounds. With
        ``is_in_use`` a handler past its time may be reading, which then ends.
        """
        if self._socket is None:
            return
        with suppress(OSError):
            if is_in_use:
                self._socket.shutdown(socket.SHUT_RD)
            else:
                self._drain(self._socket)

    def _drain(self, connection: socket.socket) -> None:
        budget, deadline = max(2 * self._limit, _DRAIN_BYTES), time.monotonic() + _DRAIN_SECONDS
        connection.shutdown(socket.SHUT_WR)
        while budget > 0 and (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            received = len(connection.recv(65536))
            if not received:
                return
            budget -= received

    def _take(self, size: int) -> bytes:
        try:
            data: bytes = self._stream.read(min(size, self._left)) if self._left else b""
        except Exception as error:
            self._left = 0
            raise HttpProblemError(
                400, "The body could not be read.", headers={"Connection": "close"}
            ) from error
        self._left = self._left - len(data) if data else 0
        return data


def _declared(length: str | None) -> int:
    if not (length and length.isascii() and length.isdigit()):
        return 0
    return int(length) if len(length) <= 18 else _UNKNOWN
