"""look-door against real TLS servers on 127.0.0.1: it tells what they do, and passes no judgement."""

import json
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from garrison.evidence.probes import Handshakes
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.test_door import Server, pems

__all__ = ["pems"]

NAME = "lab.example.org"
SUITES = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"


def good() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.options |= ssl.OP_NO_TICKET
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


def bad() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers(
        "ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0"
    )
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


@contextmanager
def serving(context: ssl.SSLContext | None, status: int, headers: dict[str, str]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def look(host: Host, context: ssl.SSLContext, pems: tuple[str, str], folder: Path) -> Handshakes:
    (folder / "server.pem").write_text("".join(pems))
    context.load_cert_chain(folder / "server.pem")
    there = {"Location": f"https://{NAME}/some/path?q=1"}
    with (
        serving(context, 200, {"Strict-Transport-Security": "max-age=7"}) as https,
        serving(None, 301, there) as http,
    ):
        done = host.run("look-door", "--name", NAME, "--http", str(http), "--https", str(https))
    assert done.returncode == 0, done.stderr
    return Handshakes.model_validate(json.loads(done.stdout))


def test_a_good_door_is_told_as_it_is(host: Host, pems: tuple[str, str], tmp_path: Path) -> None:
    found = look(host, good(), pems, tmp_path)
    assert found.versions == {"TLSv1": False, "TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True}
    assert sorted(found.suites) == sorted(SUITES.split(":"))
    assert (found.follows_client, found.gives_tickets) == (True, False)
    assert found.transport_security == "max-age=7"
    assert found.redirect == (301, f"https://{NAME}/some/path?q=1")
    assert found.groups["prime256v1"] is True
    assert found.certificate
    assert found.certificate.strip() in pems[0]


def test_a_bad_door_is_told_as_it_is(host: Host, pems: tuple[str, str], tmp_path: Path) -> None:
    found = look(host, bad(), pems, tmp_path)
    assert found.versions["TLSv1.1"] is True
    assert "ECDHE-ECDSA-AES256-SHA" in found.suites
    assert (found.follows_client, found.gives_tickets) == (False, True)


def test_a_door_that_is_shut_is_named(host: Host) -> None:
    done = host.run("look-door", "--name", NAME, "--http", "1", "--https", "1")
    assert done.returncode == 1
    assert "Is the door up?" in done.stderr
