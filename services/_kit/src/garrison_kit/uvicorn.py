"""uvicorn, set up for one process: problem documents for what is no HTTP, an end that drains and is no failure."""

import signal
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from garrison_kit.installed import Installed
from garrison_kit.problems import render_malformed

GRACE_SECONDS = 20
_LINGER_SECONDS = 1.0
_KEEPALIVE_SECONDS = 75  # longer than the door keeps an idle connection, so the door closes first


def serve(app: FastAPI, host: str, port: int, *, grace_seconds: int = GRACE_SECONDS) -> None:
    """Serve until SIGTERM or SIGINT, which readiness then tells; requests under way have ``grace_seconds`` more.

    It returns when all is done, so that the process ends with 0; an application that cannot start ends it with 3.
    """
    # uvicorn raises the signal that stopped it once more when it is done: told to stop is no death by signal.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)
    _Server(make_config(app, host, port, grace_seconds=grace_seconds)).run()


def make_config(app: FastAPI, host: str, port: int, *, grace_seconds: int = GRACE_SECONDS) -> uvicorn.Config:
    """What ``serve`` tells uvicorn, for whoever runs the server himself."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEPALIVE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
    )


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        installed: Installed | None = getattr(self.config.app.state, "garrison", None)  # type: ignore[union-attr] # always a FastAPI
        if installed is not None:
            installed.readiness.stop()
        super().handle_exit(sig, frame)


class _Protocol(H11Protocol):
    """uvicorn's own, but what is no HTTP gets a problem document, and time to be read before the connection ends."""

    _is_refused = False

    def data_received(self, data: bytes) -> None:
        if not self._is_refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Answer what h11 could not parse; an answer under way is left as it is, the connection ends either way."""
        del msg
        self._is_refused = True
        if self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete:
            self.transport.close()
            return
        self.transport.write(render_malformed().to_http())
        # Closed with something unread, the connection would be reset and the answer lost.
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def shutdown(self) -> None:
        """End the connection at once where nothing is left to be said."""
        if self._is_refused:
            self.transport.close()
        else:
            super().shutdown()
