"""gunicorn, set up for one process of threads: JSON logs, problem documents for what is no HTTP, an end that drains."""

import logging
import os
import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from garrison_kit.problems import render_malformed, render_unexpected

GRACE_SECONDS = 20
_KEEPALIVE_SECONDS = 75  # longer than the door keeps an idle connection, so the door closes first
_TOO_LARGE = {LimitRequestLine: 414, LimitRequestHeaders: 431}


def serve(
    app: Flask,
    host: str,
    port: int,
    *,
    threads: int,
    grace_seconds: int = GRACE_SECONDS,
    on_start: Callable[[], None] = lambda: None,
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT and end the process with 0; requests under way have ``grace_seconds`` more.

    ``on_start`` and ``on_stop`` run in the worker, which is forked: what starts threads belongs there.
    """
    options = {
        "bind": f"{host}:{port}",
        "workers": 1,
        "threads": threads,
        "worker_class": _Worker,
        "worker_tmp_dir": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 - the container's own tmpfs
        "keepalive": _KEEPALIVE_SECONDS,
        "graceful_timeout": grace_seconds,
        "logger_class": _Logger,
        "control_socket_disable": True,
        "post_worker_init": lambda _: on_start(),
        "worker_exit": lambda _, __: on_stop(),
    }
    _Server(app, options).run()


class _Logger(Logger):
    """Leaves the lines to the root logger; the access line is the kit's."""

    def setup(self, cfg: Any) -> None:
        """Keep gunicorn's own handlers away."""
        del cfg
        self.error_log.handlers = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.getLogger().level)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write nothing: the kit has written the line."""


class _Worker(ThreadWorker):
    """What is no HTTP at all gets a problem document too, and not gunicorn's HTML."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be parsed, or one that failed beyond the application's reach."""
        del req, addr
        status = next((code for kind, code in _TOO_LARGE.items() if isinstance(exc, kind)), 400)
        answer = render_malformed(status) if isinstance(exc, ParseException) else render_unexpected(exc)
        try:
            client.sendall(answer.to_http())
        except OSError:
            logging.getLogger(__name__).debug("client_gone")


class _Server(BaseApplication):
    """gunicorn's application object; nothing is read from gunicorn's own environment or files."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn its settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI callable."""
        return self._app
