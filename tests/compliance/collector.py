"""A collector of logs on this machine, as a lab host reaches it: syslog over TLS with counted frames (RFC 5425)."""

import datetime
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import BinaryIO, TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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

    def wait_for(self, find: Callable[[list[Line]], Found | None], seconds: float) -> Found:
        """What ``find`` finds in what came, once it does."""
        end = time.monotonic() + seconds
        while (found := find(list(self.lines))) is None:
            assert time.monotonic() < end, f"after {seconds} s, {len(self.lines)} lines: {self.lines[-3:]}"
            time.sleep(0.5)
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
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
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
def collecting(address: str, folder: Path, name: str, port: int = 0) -> Iterator[Collector]:
    """A collector that calls itself ``name``, for as long as the block runs."""
    certificate, key = make_certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Frames(StreamRequestHandler):
        def setup(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def handle(self) -> None:
            collector.versions.add(self.request.version())
            while length := _number(cast("BinaryIO", self.rfile)):
                found = LINE.match(self.rfile.read(length).decode(errors="replace"))
                assert found
                collector.lines.append(Line(found["program"], found["said"].rstrip("\n")))

    class Server(ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that goes away in the middle of a handshake is what some tests are about."""

    with Server((address, port), Frames) as server:
        collector = Collector(address, server.server_address[1], certificate)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield collector
        finally:
            server.shutdown()


def _number(stream: BinaryIO) -> int:
    """The length before a frame; 0 at the end."""
    digits = b""
    while (one := stream.read(1)) and one != b" ":
        digits += one
    return int(digits or b"0")
