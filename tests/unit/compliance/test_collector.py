"""The collector of the live tests ends as one that goes away does: whoever is connected notices and comes again."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.compliance.collector import Collector, Line, collecting, make_certificate

HERE, NAME = "127.0.0.1", "logs.example.net"
LONGEST = 10


@contextmanager
def connected(collector: Collector, shown: tuple[Path, Path] | None = None) -> Iterator[ssl.SSLSocket]:
    """A client that trusts the collector's certificate alone, and asks for its name; it shows its own if it has one."""
    context = ssl.create_default_context(cafile=collector.authority)
    if shown:
        context.load_cert_chain(*shown)
    with (
        socket.create_connection((collector.address, collector.port), LONGEST) as link,
        context.wrap_socket(link, server_hostname=NAME) as client,
    ):
        yield client


def say(client: ssl.SSLSocket, text: str) -> None:
    line = f"<14>1 2026-11-26T12:00:00+00:00 lab-host garrison-test 7 - - {text}\n".encode()
    client.sendall(b"%d %s" % (len(line), line))


def has(text: str, collector: Collector) -> bool:
    found = collector.wait_for(lambda lines: lines or None, LONGEST)
    return found == [Line("garrison-test", text)]


def test_a_client_sees_the_end_and_the_next_collector_at_the_same_port_gets_its_lines(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with collecting(HERE, tmp_path, NAME) as first:
            kept = stack.enter_context(connected(first))
            say(kept, "to the first")
            assert has("to the first", first)
        assert kept.recv(1) == b""
        with collecting(HERE, tmp_path, NAME, first.port) as second, connected(second) as again:
            say(again, "to the second")
            assert has("to the second", second)
            assert second.port == first.port


def test_no_thread_is_left_of_it_not_even_of_a_client_that_never_shakes_hands(tmp_path: Path) -> None:
    before = threading.active_count()
    with collecting(HERE, tmp_path, NAME) as collector:
        silent = socket.create_connection((collector.address, collector.port), LONGEST)
        with connected(collector) as client:
            say(client, "meanwhile")
            assert has("meanwhile", collector)
    assert threading.active_count() == before
    with silent:
        assert silent.recv(1) == b""


def test_what_came_before_the_end_is_read(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with collecting(HERE, tmp_path, NAME) as collector:
            client = stack.enter_context(connected(collector))
            for number in range(200):
                say(client, str(number))
        assert [line.said for line in collector.lines] == [str(number) for number in range(200)]


def test_a_line_that_is_cut_off_is_none(tmp_path: Path) -> None:
    with collecting(HERE, tmp_path, NAME) as collector, connected(collector) as client:
        say(client, "whole")
        client.sendall(b"200 <14>1 2026-11-26T12:00:00+00:00 lab-host garrison-test 7 - - ha")
        assert has("whole", collector)
    assert collector.lines == [Line("garrison-test", "whole")]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (b"<14>not counted\n", "this is no length of a frame: b'<'"),
        (b"3 abc", "this is no line of syslog: 'abc'"),
    ],
)
def test_what_is_no_line_fails_whoever_collects(tmp_path: Path, said: bytes, what: str) -> None:
    def collect() -> None:
        with collecting(HERE, tmp_path, NAME) as collector, connected(collector) as client:
            client.sendall(said)
            assert client.recv(1) == b""

    with pytest.raises(AssertionError, match=what):
        collect()


def test_whoever_does_not_trust_it_says_nothing(tmp_path: Path) -> None:
    with collecting(HERE, tmp_path, NAME) as collector:
        context = ssl.create_default_context()
        with (
            socket.create_connection((collector.address, collector.port), LONGEST) as link,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            context.wrap_socket(link, server_hostname=NAME)
    assert (collector.lines, collector.strange) == ([], [])


def test_one_that_asks_for_a_certificate_hears_nobody_without_it(tmp_path: Path) -> None:
    shown = make_certificate(tmp_path, "host.example.net")
    with collecting(HERE, tmp_path, NAME, asks=shown[0]) as collector:
        with connected(collector) as client, pytest.raises(ssl.SSLError, match="certificate required"):
            client.recv(1)
        with connected(collector, shown) as client:
            say(client, "the host")
            assert has("the host", collector)
