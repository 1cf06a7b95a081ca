"""What pyinfra says of errors, kept for one message at the end instead of printed between the steps."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
from pyinfra.api.exceptions import PyinfraError

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PREFIX = re.compile(r"^\[[^\]]*\] ")
_NOISE = re.compile(r"^Error: executed \d+ commands")


class Hearing(logging.Handler):
    """Keeps the words, without colours and without the host's name before each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        line = _PREFIX.sub("", _COLOUR.sub("", record.getMessage()).strip())
        if line and not _NOISE.match(line):
            self._lines.append(line)

    def forget(self) -> None:
        """Begin anew, for the next step."""
        self._lines.clear()

    @property
    def words(self) -> str:
        """Everything since the last step began."""
        return "\n".join(self._lines)


@contextmanager
def hearing() -> Iterator[Hearing]:
    """Listens for as long as the block runs; an error that reaches its caller is no news to gevent either."""
    heard, logger, hub = Hearing(), logging.getLogger("pyinfra"), gevent.get_hub()
    before = hub.NOT_ERROR
    hub.NOT_ERROR = (*before, PyinfraError)
    logger.addHandler(heard)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        hub.NOT_ERROR = before
