"""Decides before a handler runs: who calls, whether they may, and whether the body is one the route takes."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from garrison_kit.clients import Client, ClientKeys, Scope
from garrison_kit.limits import refuse_declared_length
from garrison_kit.options import Options
from garrison_kit.problems import HttpProblemError
from garrison_kit.secrets import read_secret

Header = Callable[[str], str | None]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_OPEN = "open"
_SCOPE = "__garrison_scope__"
_MEDIA_TYPES = "__garrison_media_types__"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def requires(scope: Scope | Literal["open"]) -> Callable[[Endpoint], Endpoint]:
    """Mark a handler with the scope its callers need, where the method's default isn't right.

    ``open`` lets everybody in. Put it below the framework's route decorator.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _SCOPE, scope)
        return endpoint

    return mark


def accepts(*media_types: str) -> Callable[[Endpoint], Endpoint]:
    """Mark a handler with the content types of its body, where ``application/json`` isn't right."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _MEDIA_TYPES, media_types)
        return endpoint

    return mark


def scope_of(method: str, endpoint: object | None) -> str:
    """The scope a request needs: the handler's own, else read for GET and HEAD and write for the others."""
    return str(getattr(endpoint, _SCOPE, None) or ("read" if method in _READING else "write"))


def media_types_of(endpoint: object) -> tuple[str, ...]:
    """The content types of a handler's body."""
    found: tuple[str, ...] = getattr(endpoint, _MEDIA_TYPES, ("application/json",))
    return found


class Gate:
    """One for each service; holds the keys and the limits."""

    def __init__(self, options: Options) -> None:
        """Load the keys.

        Raises ClientsError or SecretError when they cannot be used: a service without keys must not start.
        """
        name = options.service_key_secret
        service_key = read_secret(name, options.secrets_dir) if name else None
        self._keys = ClientKeys(options.clients_file, service_key)
        self._max_body = options.max_body

    def identify(self, header: Header) -> Client | None:
        """The client that the request's headers prove, or None."""
        return self._keys.identify(header("x-api-key"), header("authorization"), header("x-client"))

    def admit(self, client: Client | None, method: str, endpoint: object | None, header: Header) -> None:
        """Let the request pass or raise HttpProblemError: 401, 403, 413 or 415.

        ``endpoint`` is the handler of the matched route, None where none matched.
        """
        self._check_scope(client, scope_of(method, endpoint))
        length = header("content-length")
        refuse_declared_length(length, self._max_body)
        has_body = (length or "0").strip() != "0" or header("transfer-encoding") is not None
        if endpoint is not None and has_body:
            _check_media_type(media_types_of(endpoint), header)

    @staticmethod
    def _check_scope(client: Client | None, scope: str) -> None:
        if scope == _OPEN:
            return
        if client is None:
            raise HttpProblemError(
                401,
                "A valid API key is needed: send it as X-API-Key or as Authorization: Bearer.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if scope not in client.scopes:
            raise HttpProblemError(403, f"This key lacks the scope {scope!r}.")


def _check_media_type(wanted: tuple[str, ...], header: Header) -> None:
    encoding = header("content-encoding")
    if encoding and encoding.strip().lower() != "identity":
        raise HttpProblemError(415, "Send the body as it is, without Content-Encoding.")
    given = header("content-type") or ""
    if given not in wanted and given.partition(";")[0].strip().lower() not in wanted:
        raise HttpProblemError(
            415, f"Send the body as {' or '.join(wanted)}.", headers={"Accept": ", ".join(wanted)}
        )
