"""Servers on 127.0.0.1 that answer as a test says, over TLS or not: what the host's programs ask."""

import http.server
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from garrison.tls.authority import Authority

NAME = "lab.example.org"
Pems = tuple[str, str]
Answer = Callable[[str, Any], tuple[int, Mapping[str, str], bytes]]


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Clients that refuse the certificate are what these tests are about."""


@contextmanager
def running(server: socketserver.TCPServer) -> Iterator[int]:
    """Its port, for as long as the block runs and it answers."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on a free port; ``answer(path, headers)`` gives status, headers and body."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path, self.headers)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with server, running(server) as port:
        yield port


def tls(pems: Pems, folder: Path, *protocols: str, context: ssl.SSLContext | None = None) -> ssl.SSLContext:
    """``context``, or one as Python makes it, that shows these; ``protocols`` are those of ALPN."""
    made = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "server.pem").write_text("".join(pems))
    made.load_cert_chain(folder / "server.pem")
    made.set_alpn_protocols(protocols)
    return made


@pytest.fixture
def pems(tmp_path: Path) -> Pems:
    """What the door shows: chain and key, for a name and two addresses; its CA is in the folder ``ca``."""
    authority = Authority.open(tmp_path / "ca", None, datetime.now(UTC))
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    encoding = serialization.Encoding.PEM
    pem = request.public_bytes(encoding).decode()
    chain = authority.sign(pem, [NAME, "127.0.0.1", "fd00::1"], 2, datetime.now(UTC))
    form = (encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return chain, key.private_bytes(*form).decode()


def healthy(_path: str, _headers: Any) -> tuple[int, Mapping[str, str], bytes]:
    """As every path of a good door."""
    return 200, {}, b"ok"
