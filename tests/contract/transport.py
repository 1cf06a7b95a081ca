"""Clients that slow down when a service tells them to: the suite asks more than one client may."""

import time

import httpx

LONGEST = 60.0


class Patient(httpx.BaseTransport):
    """Sends a request again after the pause that a 429 asks for. The bodies it is given can be sent twice."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that isn't 429."""
        end = time.monotonic() + LONGEST
        while True:
            answer = self._inner.handle_request(request)
            if answer.status_code != 429 or time.monotonic() > end:
                return answer
            answer.close()
            time.sleep(min(float(answer.headers["Retry-After"]), 5.0))

    def close(self) -> None:
        """Close what it wraps."""
        self._inner.close()
