"""One id follows a request from the door through every service and every log line."""

import random
import re
from contextvars import ContextVar, Token

HEADER = "X-Request-ID"
_VALID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str | None] = ContextVar("garrison_request_id", default=None)


def accept(given: str | None) -> str:
    """The id given if it is a safe one, else a new one of 32 hex digits."""
    # An id is no secret, and every process draws its own: Python seeds anew after a fork.
    return given if given is not None and _VALID.fullmatch(given) else f"{random.getrandbits(128):032x}"


def current() -> str | None:
    """The id of the request being served, or None outside of one."""
    return _current.get()


def enter(request_id: str) -> Token[str | None]:
    """Make ``request_id`` the current one; give the token to ``leave``."""
    return _current.set(request_id)


def leave(token: Token[str | None]) -> None:
    """Return to what was current before ``enter``."""
    _current.reset(token)


def outbound_headers() -> dict[str, str]:
    """The headers that carry the current id to another service; empty outside of a request."""
    request_id = current()
    return {HEADER: request_id} if request_id else {}
