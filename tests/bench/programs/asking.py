"""One connection to a service, kept alive while it is used: servers close idle ones."""

import http.client
import json
import sys
import time
from typing import Any

_IDLE = 2.0


class Asker:
    """Sends requests with a key; every answer has to be a good one."""

    def __init__(self, port: int, key: str) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._used = time.monotonic()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(self, path: str, body: bytes) -> tuple[float, bytes]:
        """Seconds and content of an answer."""
        if time.monotonic() - self._used > _IDLE:
            self._link.close()
        began = time.perf_counter()
        self._link.request("POST", path, body, self._headers)
        answer = self._link.getresponse()
        content = answer.read()
        seconds, self._used = time.perf_counter() - began, time.monotonic()
        if answer.status >= 300:
            sys.exit(f"{path} answered {answer.status}: {content[:500]!r}")
        return seconds, content

    def ask(self, path: str, body: object) -> Any:
        """What is answered, parsed."""
        return json.loads(self.send(path, json.dumps(body).encode())[1])
