"""A second request that hides in the first one's body never reaches a service."""

import contextlib
import secrets
import time

import pytest

from garrison.plan.wanted import Wanted
from tests.compliance.client import Door
from tests.compliance.live import LiveHost
from tests.contract.raw import Wire
from tests.faults.machine import ROOT

HIDDEN = "GET /{name} HTTP/1.1\r\nHost: embeddings\r\n\r\n"
TRICKS = {
    "two lengths": ("Content-Length: 4\r\nContent-Length: {length}", "abcd"),
    "a length and chunks": ("Content-Length: {length}\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    "chunks, then a length": ("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"),
    "two codings": ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
    "a coding with a space": ("Transfer-Encoding : chunked", "0\r\n\r\n"),
    "a coding with a tab": ("Transfer-Encoding:\tchunked", "0\r\n\r\n"),
    "a coding with a strange letter": ("Transfer-Encoding: \x0bchunked", "0\r\n\r\n"),
    "a folded coding": ("X-A: 1\r\n Transfer-Encoding: chunked", "0\r\n\r\n"),
    "a chunk with an extension": ("Transfer-Encoding: chunked", "0;a=b\r\n\r\n"),
    "a chunk that ends with a bare line feed": ("Transfer-Encoding: chunked", "0\n\r\n"),
    "a chunk of an overlong size": ("Transfer-Encoding: chunked", "00000000000000000000000000000000\r\n\r\n"),
    "a signed length": ("Content-Length: +4", "abcd"),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_what_hides_in_a_body_is_asked_of_nobody(
    live: LiveHost, wanted: Wanted, key: str, trick: str
) -> None:
    door = Door.of(live.address, wanted, ROOT)
    wire, name = Wire(door=door.base, authority=door.authority), f"garrison-{secrets.token_hex(8)}"
    lines, before = TRICKS[trick]
    hidden = HIDDEN.format(name=name)
    length = len(before) + len(hidden)
    fields = [line.encode("latin-1") for line in lines.format(length=length).split("\r\n")]
    head = wire.head("POST", "/embeddings/embed", f"X-API-Key: {key}".encode(), *fields)
    with contextlib.suppress(AssertionError):  # no answer is one
        wire.send(
            head.replace(b"Connection: close", b"Connection: keep-alive"), before.encode(), hidden.encode()
        )
    time.sleep(1)
    line = f"journalctl -q -a -o cat --since=-1min CONTAINER_NAME=garrison-embeddings | grep -c -F {name} || true"
    assert live.sh(line) == "0"
