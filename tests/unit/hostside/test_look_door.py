"""look-door against real TLS servers on 127.0.0.1: it tells what they do, and passes no judgement."""

import json
import ssl
import warnings
from pathlib import Path

from garrison.evidence.probes import Handshakes
from tests.unit.hostside.conftest import Host
from tests.unit.hostside.servers import NAME, Pems, pems, serving, tls

__all__ = ["pems"]  # a fixture
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


def look(host: Host, context: ssl.SSLContext, pems: Pems, folder: Path) -> Handshakes:
    answer = 200, {"Strict-Transport-Security": "max-age=7"}, b""
    redirect = 301, {"Location": f"https://{NAME}/some/path?q=1"}, b""
    with (
        serving(lambda *_: answer, tls(pems, folder, context=context)) as https,
        serving(lambda *_: redirect) as http,
    ):
        done = host.run("look-door", "--name", NAME, "--http", str(http), "--https", str(https))
    assert done.returncode == 0, done.stderr
    return Handshakes.model_validate(json.loads(done.stdout))


def test_a_good_door_is_told_as_it_is(host: Host, pems: Pems, tmp_path: Path) -> None:
    found = look(host, good(), pems, tmp_path)
    assert found.versions == {"TLSv1": False, "TLSv1.1": False, "TLSv1.2": True, "TLSv1.3": True}
    assert sorted(found.suites) == sorted(SUITES.split(":"))
    assert (found.follows_client, found.gives_tickets) == (True, False)
    assert found.transport_security == "max-age=7"
    assert found.redirect == (301, f"https://{NAME}/some/path?q=1")
    assert found.groups["prime256v1"] is True
    assert found.certificate
    assert found.certificate.strip() in pems[0]


def test_a_bad_door_is_told_as_it_is(host: Host, pems: Pems, tmp_path: Path) -> None:
    found = look(host, bad(), pems, tmp_path)
    assert found.versions["TLSv1.1"] is True
    assert "ECDHE-ECDSA-AES256-SHA" in found.suites
    assert (found.follows_client, found.gives_tickets) == (False, True)


def test_a_door_that_is_shut_is_named(host: Host) -> None:
    done = host.run("look-door", "--name", NAME, "--http", "1", "--https", "1")
    assert done.returncode == 1
    assert "Is the door up?" in done.stderr
