"""Serves over HTTP: who may ask, what is logged, and nothing else."""

import base64
import binascii
import json
import logging
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from grafana_stand_in import TITLE
from grafana_stand_in.admin import Admin
from grafana_stand_in.routes import Asked, Grafana
from grafana_stand_in.upstream import Answer

log = logging.getLogger("grafana_stand_in")
LARGEST = 1024**2


class Server(ThreadingHTTPServer):
    """One thread a connection, and not more of them than a few people and a gate need."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], grafana: Grafana, admin: Admin) -> None:
        self.grafana, self.admin = grafana, admin
        self.places = threading.BoundedSemaphore(32)
        super().__init__(address, Handler)

    def handle_error(self, *_: Any) -> None:
        """One line of JSON, as for all else: the library would print a traceback of many lines."""
        if isinstance(sys.exception(), ConnectionError):
            log.info("a client went away")
        else:
            log.exception("a connection failed")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Server

    def version_string(self) -> str:
        """What it calls itself."""
        return TITLE

    def do_GET(self) -> None:
        """Answer."""
        self._serve(b"")

    def do_HEAD(self) -> None:
        """The same without the body."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Read what is sent, then answer."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self._send(Answer(status=413, content_type="application/json", body=b'{"message":"too long"}'))
            return
        self._serve(self.rfile.read(int(length)))

    def _serve(self, body: bytes) -> None:
        began = time.perf_counter()
        path = urlsplit(self.path).path
        method = "GET" if self.command == "HEAD" else self.command
        with self.server.places:
            answer = self.server.grafana.openly(path) if method == "GET" else None
            if answer is None:
                answer = self._asked_by_somebody(method, body)
        self._send(answer)
        if path not in ("/api/health", "/metrics"):
            said = {"method": self.command, "path": path, "status": answer.status}
            log.info("Request Completed", extra={"fields": said | {"duration": time.perf_counter() - began}})

    def _asked_by_somebody(self, method: str, body: bytes) -> Answer:
        if not self._is_admin():
            text = json.dumps({"message": "Unauthorized"}).encode()
            return Answer(status=401, content_type="application/json", body=text)
        kind = self.headers.get("Content-Type", "")
        asked = Asked(method=method, target=self.path, body=body, content_type=kind)
        try:
            return self.server.grafana.answer(asked)
        except Exception:
            log.exception("a request failed")
            text = json.dumps({"message": "the stand-in failed; its log says how"}).encode()
            return Answer(status=500, content_type="application/json", body=text)

    def _is_admin(self) -> bool:
        kind, _, sent = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(sent, validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return False
        return self.server.admin.lets_in(user, password)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "deny")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        if answer.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="Grafana (stand-in)"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        """Nothing: what happened is logged as JSON when it is over."""
