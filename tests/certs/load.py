"""Clients that never stop asking, some on connections that they keep and some on new ones, and count what fails."""

import http.client
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Self

TIMEOUT = 15.0
SUITES = {"ecdsa": "ECDHE-ECDSA-AES128-GCM-SHA256", "rsa": "ECDHE-RSA-AES128-GCM-SHA256"}


@dataclass
class Counts:
    """``closed`` are connections that were closed while nobody asked anything: the next request opens another."""

    answered: int = 0
    closed: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass
class Load:
    """Runs for as long as its block does."""

    address: str
    name: str
    cafile: str
    port: int = 8443
    counts: Counts = field(default_factory=Counts)
    seen: set[bytes] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for kind in SUITES:
            for keeps in (True, False):
                self._threads.append(threading.Thread(target=self._ask_on, args=(kind, keeps)))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more requests were answered."""
        goal, end = self.counts.answered + more, time.monotonic() + 120
        while self.counts.answered < goal:
            assert time.monotonic() < end, self.counts
            time.sleep(0.05)

    def _ask_on(self, kind: str, keeps: bool) -> None:
        connection: http.client.HTTPSConnection | None = None
        while not self._stop.is_set():
            fresh = connection is None
            try:
                connection = connection or self._connect(kind)
                connection.request("GET", "/healthz", headers={"Host": f"{self.name}:{self.port}"})
                answer = connection.getresponse()
                body = answer.read()
                with self._lock:
                    if (answer.status, body) == (200, b"ok\n"):
                        self.counts.answered += 1
                    else:
                        self.counts.failures.append(f"{kind}: {answer.status}")
                # As every client does: a connection that its server wants closed isn't used again.
                if not keeps or answer.will_close:
                    connection.close()
                    connection = None
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                # RFC 9110, 9.2.2: a kept connection may end between two requests, and a GET is asked again then.
                with self._lock:
                    if fresh:
                        self.counts.failures.append(f"{kind}, new connection: {error!r}")
                    else:
                        self.counts.closed += 1
                connection = None
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.counts.failures.append(f"{kind}: {error!r}")
                connection = None
            time.sleep(0.002)
        if connection:
            connection.close()

    def _connect(self, kind: str) -> http.client.HTTPSConnection:
        client = ssl.create_default_context(cafile=self.cafile)
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        client.set_ciphers(SUITES[kind])
        connection = _Named(self.address, self.port, timeout=TIMEOUT, context=client)
        connection.name = self.name
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
        with self._lock:
            self.seen.add(shown)
        return connection


class _Named(http.client.HTTPSConnection):
    """Asks an address for a name that no DNS knows."""

    name = ""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        context: ssl.SSLContext = self._context  # type: ignore[attr-defined] # where http.client keeps it
        self.sock = context.wrap_socket(self.sock, server_hostname=self.name)
