"""One request from its arrival to its end: id, trace and client on every line, one access line, the metrics."""

import logging
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from garrison_kit import access, clients, request_id, tracing
from garrison_kit.clients import Client
from garrison_kit.later import Later
from garrison_kit.metrics import Answered, Metrics


class Visit:
    """A context manager the adapters wrap around a request; they tell it what they learn on the way."""

    def __init__(
        self,
        ended: "Later[Visit]",
        method: str,
        path: str,
        header: Callable[[str], str | None],
        peer: str | None,
    ) -> None:
        self.request_id = request_id.accept(header("x-request-id"))
        self.route: str | None = None
        self.status = 500
        self.client: Client | None = None
        self.is_answering = False
        self._ended = ended
        self._method, self._path, self._peer = method, path, peer
        is_probe = path.startswith(("/health/", "/metrics"))
        self._span = tracing.server_span(method, header, is_probe=is_probe)

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        self._id_token = request_id.enter(self.request_id)
        self._client_token = clients.enter(None)
        self._span.__enter__()
        return self

    def admit_as(self, client: Client | None) -> None:
        """Name the client on every log line from here."""
        self.client = client
        if client is not None:
            clients.enter(client)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._seconds = time.perf_counter() - self._started
        self._span.__exit__(kind, error, traceback)
        clients.leave(self._client_token)
        request_id.leave(self._id_token)
        self._ended.add(self)

    def answered(self) -> Answered:
        """After its end: send its span on its way, and say what is to be counted."""
        client = self.client.name if self.client else ""
        span = self._span
        span.export(
            self.route, self.status, {"garrison.request_id": self.request_id, "garrison.client": client}
        )
        trace_id = span.trace_id if span.is_exported else None
        return Answered(self._method, self.route, self.status, self._seconds, client, trace_id)

    def line(self) -> access.Line:
        """After its end: its line of the log."""
        # Probes and scrapes come every few seconds: their successes are worth a line only when debugging.
        quiet = self.status < 400 and (self.route or "").startswith(("/health/", "/metrics"))
        return access.Line(
            logging.DEBUG if quiet else logging.INFO,
            self._span.ended,
            self.request_id,
            self._span.trace_id,
            self.client.name if self.client else None,
            self._method[:16],
            self._path[:256],
            self.route,
            self.status,
            round(self._seconds * 1000, 2),
            (self._peer or "")[:64],
        )


def tell(visits: Sequence[Visit], metrics: Metrics) -> None:
    """Write down what has ended: in the metrics, as spans, in the log."""
    metrics.count([visit.answered() for visit in visits])
    access.write([visit.line() for visit in visits])
