"""One JSON event a line on stdout, from our own code, the server's and every library's alike."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from math import isfinite
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from garrison_kit import access, clients, request_id, tracing

# Podman's conmon makes an entry of the journal of 8192 bytes at the most: what is longer would be no JSON.
LONGEST = 7000
_SHORTER = (2000, 500, 100, 20)
_ALWAYS = ("event", "level", "logger", "timestamp", "service", "version", "request_id", "trace_id", "client")
_render = structlog.processors.JSONRenderer(default=str, allow_nan=False)  # NaN and its like are no JSON


def configure(service: str, version: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Route structlog and the standard library's loggers to ``stream`` (stdout) as JSON lines.

    ``service`` and ``version`` are on every line, in whatever thread it is written.
    """
    shared = _shared_processors(service, version)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _render_bounded,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    access.configure(handler, service, version)
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)  # Python would write them to stderr as they are
    _silence_other_access_logs()


def _shared_processors(service: str, version: str) -> list[Processor]:
    def add_origin(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"], event["version"] = service, version
        event.pop("color_message", None)  # uvicorn's second copy, for terminals
        event.setdefault("request_id", request_id.current())
        event.setdefault("trace_id", tracing.current_trace_id())
        event.setdefault("client", client.name if (client := clients.current()) else None)
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        add_origin,
    ]


def _render_bounded(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
    """One line of JSON; of one that is too long the longest values lose their middles, all of them alike.

    What JSON can't say is said as text. Where there are too many values, or their names are too long, those that every
    line has are left.
    """
    with suppress(TypeError, ValueError, RecursionError):
        text = str(_render(logger, name, event))
        if len(text) <= LONGEST:
            return text
    for longest in _SHORTER:
        text = str(_render(logger, name, {key: _shorten(value, longest) for key, value in event.items()}))
        if len(text) <= LONGEST:
            return text
    return str(_render(logger, name, {key: _shorten(event.get(key), _SHORTER[-2]) for key in _ALWAYS}))


def _shorten(value: object, longest: int) -> object:
    """A traceback says most at its end, a text at its beginning."""
    if value is None or (isinstance(value, int | float) and isfinite(value)):
        return value
    text = str(value)
    return text if len(text) <= longest else f"{text[: longest // 2]} ... {text[-longest // 2 :]}"


def _silence_other_access_logs() -> None:
    for name in ("uvicorn", "uvicorn.error", "gunicorn.error", "waitress", "waitress.queue", "flask.app"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # The kit writes the one access line a request; the servers' own would be a second, without our fields.
    for name in ("uvicorn.access", "gunicorn.access", "aiohttp.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = False
    logging.getLogger("httpx").setLevel(logging.WARNING)
