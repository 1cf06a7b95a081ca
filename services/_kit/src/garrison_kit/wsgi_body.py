"""A request's body under WSGI: measured, never a server error, and drained only after the answer."""

import io
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

from garrison_kit.limits import BodyMeter
from garrison_kit.problems import HttpProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_DRAIN_BYTES, _DRAIN_SECONDS = 1024 * 1024, 2.0
_UNKNOWN = sys.maxsize
# Where gunicorn and Werkzeug's server show the connection.
_SOCKETS = ("gunicorn.socket", "werkzeug.socket")


class Body(io.RawIOBase):
    """Stands for ``wsgi.input``; whatever goes wrong while it is read (a broken chunk, a lost client) is a 400."""

    def __init__(self, environ: "WSGIEnvironment", limit: int) -> None:
        self._stream = environ["wsgi.input"]
        self._socket: socket.socket | None = next((environ[n] for n in _SOCKETS if n in environ), None)
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

    def drain(self) -> None:
        """Throw away what the client still sends, within bounds: one that cannot finish never reads its answer.

        It reads the connection itself, which must be closed then.
        """
        if self._socket is None:
            return
        budget, deadline = max(2 * self._limit, _DRAIN_BYTES), time.monotonic() + _DRAIN_SECONDS
        try:
            # The client sees the end of the answer at once, even where it reads up to the close.
            self._socket.shutdown(socket.SHUT_WR)
            while budget > 0 and (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                received = len(self._socket.recv(65536))
                if not received:
                    return
                budget -= received
        except OSError:
            return

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
