"""Receivers of alerts on this machine, as a lab host reaches them: a webhook, and a mail server that takes all."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True)
class Posted:
    """One request to the webhook."""

    path: str
    authorization: str | None
    body: dict[str, Any]

    def jobs(self, alert: str, status: str) -> frozenset[str]:
        """Whose ``alert`` it tells of, where it is about that alone."""
        if self.body["groupLabels"] != {"alertname": alert}:
            return frozenset()
        return frozenset(one["labels"]["job"] for one in self.body["alerts"] if one["status"] == status)


@dataclass
class Receivers:
    """What came, in its order, and where it is taken."""

    address: str
    http: int = 0
    smtp: int = 0
    posted: list[Posted] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def wait_for(self, find: Callable[[], Found | None], seconds: float) -> Found:
        """What ``find`` finds, once it does."""
        end = time.monotonic() + seconds
        while (found := find()) is None and time.monotonic() < end:
            time.sleep(2)
        assert found is not None, f"after {seconds} s: {self.posted[-3:]} {self.mails[-1:]}"
        return found

    def post(self, matches: Callable[[Posted], bool], seconds: float) -> Posted:
        """The first request that is as wanted."""
        return self.wait_for(lambda: next((one for one in self.posted if matches(one)), None), seconds)

    def mail(self, words: str, seconds: float) -> str:
        """The first mail with those words in it."""
        return self.wait_for(lambda: next((one for one in self.mails if words in one), None), seconds)


@contextmanager
def receiving(address: str) -> Iterator[Receivers]:
    """Both servers at an address of this machine, for as long as the block runs."""
    receivers = Receivers(address)
    with ExitStack() as stack:
        for name, server in (("http", _webhook(receivers)), ("smtp", _mailbox(receivers))):
            stack.enter_context(server)
            setattr(receivers, name, server.server_address[1])
            Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
        yield receivers


def _webhook(receivers: Receivers) -> ThreadingTCPServer:
    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receivers.posted.append(Posted(self.path, self.headers.get("Authorization"), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return ThreadingHTTPServer((receivers.address, 0), Webhook)


def _mailbox(receivers: Receivers) -> ThreadingTCPServer:
    class Mailbox(StreamRequestHandler):
        """As much of RFC 5321 as it takes to be handed a message."""

        def handle(self) -> None:
            self.say("220 lab")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.say("354 go on")
                    receivers.mails.append(self.message())
                self.say("221 bye" if verb == b"QUIT" else "250 ok")
                if verb == b"QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def message(self) -> str:
            lines = iter(self.rfile.readline, b".\r\n")
            return b"".join(lines).decode().replace("\r\n", "\n")

    server = ThreadingTCPServer((receivers.address, 0), Mailbox)
    server.daemon_threads = True
    return server
