"""A service that cannot start says why in one JSON line and ends with a code that isn't 0."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from garrison_kit.clients import ClientsError
from garrison_kit.secrets import SecretError
from garrison_kit.settings import SettingsError

EXIT_CODE = 2
_log = structlog.get_logger("garrison_kit.startup")


@contextmanager
def fail_closed() -> Iterator[None]:
    """Around all that a service needs to begin: bad keys, secrets or settings end the process with code 2."""
    try:
        yield
    except (ClientsError, SecretError, SettingsError) as error:
        _log.error("cannot_start", reason=str(error))
        sys.exit(EXIT_CODE)
