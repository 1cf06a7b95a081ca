"""A listener outside the host that counts what arrives: TCP, UDP and ICMP, whatever the other side believes."""

import selectors
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.walls.catalog import OPEN, SHUT

Arrival = tuple[str, int]


@dataclass
class Outside:
    """``arrived`` counts by protocol and port; of ICMP only echo requests count, and their port is 0."""

    address: str
    arrived: Counter[Arrival] = field(default_factory=Counter)

    def forget(self) -> None:
        self.arrived.clear()


@contextmanager
def listening(address: str, host: str) -> Iterator[Outside]:
    """Listens on ``address``, on both ports by TCP and UDP, and counts what comes from ``host``."""
    seen, over = Outside(address), threading.Event()
    with ExitStack() as stack:
        chosen = stack.enter_context(selectors.DefaultSelector())
        for port in (OPEN, SHUT):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                link = stack.enter_context(socket.socket(socket.AF_INET, kind))
                link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                link.bind((address, port))
                if kind == socket.SOCK_STREAM:
                    link.listen(64)
                chosen.register(
                    link, selectors.EVENT_READ, ("tcp" if kind == socket.SOCK_STREAM else "udp", port)
                )
        raw = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
        raw.bind((address, 0))
        chosen.register(raw, selectors.EVENT_READ, ("icmp", 0))
        thread = threading.Thread(target=_count, args=(chosen, seen, host, over))
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()


def _count(chosen: selectors.BaseSelector, seen: Outside, host: str, over: threading.Event) -> None:
    while not over.is_set():
        for key, _mask in chosen.select(0.2):
            protocol, port = key.data
            link = key.fileobj
            assert isinstance(link, socket.socket)
            if protocol == "tcp":
                answer, (source, _) = link.accept()
                answer.close()
            else:
                packet, (source, *rest) = link.recvfrom(2048)
                if protocol == "icmp" and packet[20:21] != b"\x08":
                    continue
                if protocol == "udp":
                    link.sendto(b"here", (source, rest[0]))
            if source == host:
                seen.arrived[protocol, port] += 1
