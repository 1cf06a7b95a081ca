"""Who may call: the clients' keys, kept as SHA-256 hashes in one file that the host replaces atomically."""

import hashlib
import hmac
import threading
import time
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

CLIENTS = Path("/run/clients/clients.json")
# The door looks at each request; here it would be one of the dearest things that a request does.
LOOK_SECONDS = 0.05
Scope = Literal["read", "write", "admin"]
ALL_SCOPES: frozenset[str] = frozenset({"read", "write", "admin"})

_log = structlog.get_logger("garrison_kit.clients")
_current: ContextVar["Client | None"] = ContextVar("garrison_client", default=None)


class ClientsError(RuntimeError):
    """The clients' file cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who a request is from. ``via_door`` says that the door checked the client's own key."""

    name: str
    scopes: frozenset[str]
    via_door: bool = False


def current() -> Client | None:
    """The client of the request being served; None outside of one, or where nobody is known."""
    return _current.get()


def enter(client: Client | None) -> Token[Client | None]:
    """Make ``client`` the current one; give the token to ``leave``."""
    return _current.set(client)


def leave(token: Token[Client | None]) -> None:
    """Return to what was current before ``enter``."""
    _current.reset(token)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Key(_Record):
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    not_after: Annotated[int, Field(ge=0)] | None = None


class _Client(_Record):
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    scopes: tuple[Scope, ...]
    keys: tuple[_Key, ...]


class _Service(_Record):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    keys: tuple[_Key, ...]


class _ClientsFile(_Record):
    version: Literal[1]
    clients: Annotated[tuple[_Client, ...], Field()]
    services: tuple[_Service, ...] = ()


@dataclass(frozen=True)
class _Loaded:
    stamp: tuple[int, int, int]
    keys: tuple[tuple[bytes, Client, float], ...]
    services: tuple[bytes, ...] = ()


def _load(path: Path) -> _Loaded:
    try:
        status = path.stat()
        parsed = _ClientsFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ClientsError(f"clients file {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        raise ClientsError(f"clients file {path} is malformed at {where}: {first['msg']}") from error
    keys = tuple(
        (
            bytes.fromhex(key.sha256),
            Client(name=client.name, scopes=frozenset(client.scopes)),
            float("inf") if key.not_after is None else key.not_after,
        )
        for client in parsed.clients
        for key in client.keys
    )
    services = tuple(bytes.fromhex(key.sha256) for service in parsed.services for key in service.keys)
    return _Loaded((status.st_mtime_ns, status.st_ino, status.st_size), keys, services)


def presented_key(x_api_key: str | None, authorization: str | None) -> str | None:
    """The key a request carries: X-API-Key first, else the token of ``Authorization: Bearer``."""
    if x_api_key:
        return x_api_key.strip()
    scheme, _, token = (authorization or "").strip().partition(" ")
    return (token.strip() or None) if scheme.lower() == "bearer" else None


class ClientKeys:
    """The keys in force, read again when the file changes; a malformed new one leaves the old ones valid."""

    def __init__(
        self, path: Path | str = CLIENTS, service_key: str | None = None, look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Take the clients' file, which also names the services that may call, and a key between services if any.

        A change of the file is in force ``look_seconds`` later at the most. Raises ClientsError when the file is
        missing, unreadable or malformed.
        """
        self._path = Path(path)
        self._service_hash = hashlib.sha256(service_key.encode()).digest() if service_key else None
        self._lock = threading.Lock()
        self._refused: tuple[int, int, int] | None = None
        self._look_seconds, self._look_at = look_seconds, 0.0
        self._loaded = _load(self._path)

    def identify(
        self, x_api_key: str | None, authorization: str | None, x_client: str | None = None
    ) -> Client | None:
        """The client whose key the headers carry, or None.

        ``x_client`` is believed only beside the key between services: the door has then checked the client.
        """
        key = presented_key(x_api_key, authorization)
        if key is None:
            return None
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
        found: Client | None = None
        # Every hash is compared: the time taken says nothing about which one matched.
        loaded, now = self._current(), time.time()
        for known, client, ends in loaded.keys:
            if hmac.compare_digest(known, digest) and now < ends:
                found = client
        own = () if self._service_hash is None else (self._service_hash,)
        for known in (*loaded.services, *own):
            if hmac.compare_digest(known, digest):
                found = self._behind_service_key(x_client)
        return found

    def _behind_service_key(self, x_client: str | None) -> Client | None:
        """Another service, or the client that the door has let in, with the scopes that client has and no more."""
        if not x_client:
            return Client(name="service", scopes=ALL_SCOPES)
        known = next((client for _, client, _ in self._current().keys if client.name == x_client), None)
        return None if known is None else replace(known, via_door=True)

    def _current(self) -> _Loaded:
        now = time.monotonic()
        if now < self._look_at:
            return self._loaded
        self._look_at = now + self._look_seconds
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        except OSError:
            stamp = (0, 0, 0)
        if stamp in (self._loaded.stamp, self._refused):
            return self._loaded
        with self._lock:
            if stamp not in (self._loaded.stamp, self._refused):
                self._reload(stamp)
        return self._loaded

    def _reload(self, stamp: tuple[int, int, int]) -> None:
        try:
            self._loaded = _load(self._path)
            self._refused = None
            _log.info("clients_reloaded", keys=len(self._loaded.keys))
        except ClientsError as error:
            self._refused = stamp
            _log.error("clients_reload_failed", reason=str(error))
