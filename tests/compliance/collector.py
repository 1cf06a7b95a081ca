"""A collector of logs on this machine, as a lab host reaches it: syslog over TLS with counted frames (RFC 5425)."""

import array
import datetime
import fcntl
import re
import socket
import ssl
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Found = TypeVar("Found")
# RFC 5424: priority and version, time, host, program, process, kind, no data, and what was said.
LINE = re.compile(r"^<\d+>1 (?P<time>\S+) (?P<host>\S+) (?P<program>\S+) \S+ \S+ - (?P<said>.*)$", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """One line, and who said it."""

    program: str
    said: str


@dataclass
class Collector:
    """What came, in its order, by which version of TLS, and where it is taken."""

    address: str
    port: int
    authority: Path
    lines: list[Line] = field(default_factory=list)
    versions: set[str | None] = field(default_factory=set)
    strange: list[str] = field(default_factory=list)  # what came and is no line

    def wait_for(self, find: Callable[[list[Line]], Found | None], seconds: float) -> Found:
        """What ``find`` finds in what came, once it does."""
        end = time.monotonic() + seconds
        while (found := find(list(self.lines))) is None:
            assert time.monotonic() < end, (
                f"after {seconds} s, {len(self.lines)} lines: {self.lines[-3:]} {self.strange}"
            )
            time.sleep(0.1)
        return found


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for ``name`` that vouches for itself, and its key; the same as long as the folder has it."""
    certificate, private = folder / f"{name}.crt", folder / f"{name}.key"
    if private.exists():
        return certificate, private
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private


@contextmanager
def collecting(
    address: str, folder: Path, name: str, port: int = 0, *, asks: Path | None = None
) -> Iterator[Collector]:
    """A collector that calls itself ``name``, for as long as the block runs; then every connection is closed too.

    With ``asks`` it takes lines only of whoever shows that certificate. Raises AssertionError in the end where
    something came that is no line.
    """
    certificate, key = make_certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(asks)
    with _Server((address, port), context) as server:
        collector = server.collector = Collector(address, server.server_address[1], certificate)
        loop = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        loop.start()
        try:
            yield collector
        finally:
            server.shutdown()
            loop.join()
            server.hang_up()
    assert not collector.strange, collector.strange


class _Server(ThreadingTCPServer):
    """Leaving its context waits for the thread of each connection, so it must be hung up first."""

    allow_reuse_address = True
    collector: Collector

    def __init__(self, place: tuple[str, int], context: ssl.SSLContext) -> None:
        self._context = context
        self._connections: set[ssl.SSLSocket] = set()
        super().__init__(place, _Frames)

    def get_request(self) -> tuple[ssl.SSLSocket, Any]:
        """The handshake is left to the connection's thread: a client that is slow at it keeps nobody waiting."""
        accepted, client = super().get_request()
        connection = self._context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, client

    def close_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().close_request(request)

    def hang_up(self) -> None:
        """Whoever is connected sees the end; what has come by then is still read.

        Before it: what the kernel takes in after that resets the connection, and what is queued is lost with it.
        """
        self._wait_until_read()
        for connection in tuple(self._connections):
            # SSLSocket's own would have the thread that reads go on without TLS.
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _wait_until_read(self) -> None:
        """Until nothing waits any more twice in a row; a client that never stops is not waited for long."""
        quiet, end = 0, time.monotonic() + 5
        while quiet < 2 and time.monotonic() < end:
            quiet = 0 if any(map(_waiting, tuple(self._connections))) else quiet + 1
            time.sleep(0.02)

    def handle_error(self, *_: object) -> None:
        """A client that goes away, or that the certificate puts off, is what some tests are about."""
        error = sys.exception()
        if not isinstance(error, OSError):
            self.collector.strange.append(str(error))


def _waiting(connection: socket.socket) -> int:
    """How many bytes the kernel has of it that nobody has read."""
    found = array.array("i", [0])
    with suppress(OSError):
        fcntl.ioctl(connection, termios.FIONREAD, found)
    return found[0]


class _Frames(StreamRequestHandler):
    request: ssl.SSLSocket
    server: _Server

    def handle(self) -> None:
        self.request.do_handshake()
        self.server.collector.versions.add(self.request.version())
        while (frame := _read_frame(self.rfile)) is not None:
            found = LINE.match(frame)
            if found is None:
                raise ValueError(f"this is no line of syslog: {frame[:200]!r}")
            self.server.collector.lines.append(Line(found["program"], found["said"].rstrip("\n")))


def _read_frame(stream: BufferedIOBase) -> str | None:
    """The next frame; None at the end, and for one that the end cuts off. Raises ValueError where none begins."""
    digits = b""
    while (one := stream.read(1)) != b" ":
        if not one:
            return None
        digits += one
        if not one.isdigit():
            raise ValueError(f"this is no length of a frame: {digits!r}")
    frame = stream.read(int(digits))
    return frame.decode(errors="replace") if len(frame) == int(digits) else None
