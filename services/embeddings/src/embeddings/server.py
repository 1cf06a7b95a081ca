"""gunicorn, set up for one process of threads: JSON logs, problem documents, a graceful end."""

import logging
import os
import socket
from typing import Any

from garrison_kit.problems import HttpProblemError, render, render_unexpected, title_of
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from embeddings.app import Application
from embeddings.settings import Settings

GRACE_SECONDS = 20
_TOO_LARGE = {LimitRequestLine: 414, LimitRequestHeaders: 431}


class JsonLogger(Logger):
    """Leaves the lines to the root logger; the access line is the kit's."""

    def setup(self, cfg: Any) -> None:
        """Keep gunicorn's own handlers away."""
        del cfg
        self.error_log.handlers = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.getLogger().level)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write nothing: the kit has written the line."""


class ProblemWorker(ThreadWorker):
    """What is no HTTP at all gets a problem document too, and not gunicorn's HTML."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be parsed, or one that failed beyond the application's reach."""
        del req, addr
        status = next((code for kind, code in _TOO_LARGE.items() if isinstance(exc, kind)), 400)
        is_clients_fault = isinstance(exc, ParseException)
        problem = HttpProblemError(status, "The request is not well-formed HTTP.")
        answer = render(problem) if is_clients_fault else render_unexpected(exc)
        head = (
            f"HTTP/1.1 {answer.status} {title_of(answer.status)}\r\nConnection: close\r\n"
            f"Content-Type: {answer.headers['Content-Type']}\r\nContent-Length: {len(answer.body)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + answer.body)
        except OSError:
            logging.getLogger(__name__).debug("client_gone")


class Server(BaseApplication):
    """Serves one application until SIGTERM; the model is loaded in the worker, after the fork."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self._application, self._settings = application, settings
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn its settings; nothing is read from its own environment or files."""
        options = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "threads": self._settings.server_threads,
            "worker_class": ProblemWorker,
            "worker_tmp_dir": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 - the container's own tmpfs
            "keepalive": 75,  # longer than the door keeps an idle connection, so the door closes first
            "graceful_timeout": GRACE_SECONDS,
            "logger_class": JsonLogger,
            "control_socket_disable": True,
            "post_worker_init": lambda _: self._application.engine.load_in_background(),
            "worker_exit": lambda _, __: self._application.engine.stop(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI callable."""
        return self._application.flask
