"""Who is told of alerts, as an inventory says it: a webhook, e-mail, and where a sign of life goes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from garrison.catalog.egress import Destination, Reason

Severity = Literal["page", "ticket"]
Entry = TypeVar("Entry")
SEVERITIES: tuple[Severity, ...] = ("page", "ticket")
_IMPLICIT_TLS = 465
_SERVER = re.compile(r"[a-z0-9.-]+:[1-9][0-9]{0,4}")
_IPV4 = re.compile(r"[0-9.]+")


def _destination(place: str, port: int) -> Destination:
    kind = "net" if _IPV4.fullmatch(place) or ":" in place else "host"
    try:
        return Destination.model_validate({kind: place, "tcp": [port]})
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _plain(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and _port(text) > 0
    except ValueError:
        is_whole = False
    if not is_whole or re.search(r"[\s{}]", text) or not text.startswith(("http://", "https://")):
        raise ValueError("this is no address; write https://HOST/PATH")  # the rest could be a secret
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(
            "an address with a password or a query would lie on the host in the clear; "
            "put what is secret into a file and name that as 'token_file'"
        )
    return text


def _url(text: str) -> str:
    _destination(urlsplit(_plain(text)).hostname or "", _port(text))
    return text


def _folder(text: str) -> str:
    if not _plain(text).endswith("/"):
        raise ValueError("the path of a page is put behind this; end it with a slash")
    return text


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _server(text: str) -> str:
    if not _SERVER.fullmatch(text):
        raise ValueError(f"{text!r} is not HOST:PORT; write mail.example.net:587")
    host, _, port = text.partition(":")
    _destination(host, int(port))
    return text


def _some(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    # min_length would also count what is faulty as missing.
    if not entries:
        raise ValueError("there is nothing in it; name at least one, or take it out")
    return entries


Url = Annotated[str, Field(max_length=2000), AfterValidator(_url)]
Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$", max_length=254)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Receiver(_Record):
    """``insecure`` says why what is sent may be read on the way."""

    insecure: Reason | None = None


class Heartbeat(_Receiver):
    """An address that is sent a sign of life; ``token_file``, on this machine, holds its bearer token."""

    url: Url
    token_file: Path | None = None

    @property
    def destination(self) -> Destination:
        """Where the way out leads."""
        return _destination(urlsplit(self.url).hostname or "", _port(self.url))

    @property
    def secret_file(self) -> Path | None:
        """The file on this machine with what only the receiver may know."""
        return self.token_file

    @model_validator(mode="after")
    def _is_secure_or_says_why_not(self) -> Self:
        if self.url.startswith("http:") != (self.insecure is not None):
            raise ValueError(
                "plain http and 'insecure' belong together; write https, or say under 'insecure' why http is right"
            )
        return self


class Webhook(Heartbeat):
    """An address that takes alerts as Alertmanager's JSON."""

    severities: Annotated[tuple[Severity, ...], AfterValidator(_some)] = SEVERITIES


class Email(_Receiver):
    """Whom a mail server is handed a message for; ``password_file`` is on this machine."""

    to: Annotated[tuple[Address, ...], AfterValidator(_some)]
    sender: Address
    server: Annotated[str, AfterValidator(_server)]
    user: Annotated[str, Field(pattern=r"^[^\s{}]+$", max_length=254)] | None = None
    password_file: Path | None = None
    severities: Annotated[tuple[Severity, ...], AfterValidator(_some)] = SEVERITIES

    @property
    def destination(self) -> Destination:
        """Where the way out leads."""
        host, _, port = self.server.partition(":")
        return _destination(host, int(port))

    @property
    def secret_file(self) -> Path | None:
        """The file on this machine with what only the server may know."""
        return self.password_file

    @property
    def starts_tls(self) -> bool:
        """Whether the server is asked for TLS on a connection that begins without; at port 465 it begins with it."""
        return self.insecure is None and not self.server.endswith(f":{_IMPLICIT_TLS}")

    @model_validator(mode="after")
    def _has_a_password_that_nobody_overhears(self) -> Self:
        if (self.user is None) != (self.password_file is None):
            raise ValueError("'user' and 'password_file' belong together; give both, or neither")
        if self.user is not None and self.insecure is not None:
            raise ValueError(
                "a password goes over TLS only; take 'insecure' out, or 'user' and 'password_file'"
            )
        return self


class Alerts(_Record):
    """Every receiver gets what has one of its ``severities``; ``heartbeat`` notices that nothing comes any more.

    ``runbooks`` is where this repository is read: an alert links to its page there.
    """

    webhook: Webhook | None = None
    email: Email | None = None
    heartbeat: Heartbeat | None = None
    runbooks: Annotated[str, Field(max_length=1000), AfterValidator(_folder)] | None = None

    @property
    def receivers(self) -> Mapping[str, Webhook | Email | Heartbeat]:
        """Those that there are, by the word that the inventory has for them."""
        every = {"webhook": self.webhook, "email": self.email, "heartbeat": self.heartbeat}
        return {name: one for name, one in every.items() if one is not None}

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Where they are reached, each once."""
        return tuple(dict.fromkeys(one.destination for one in self.receivers.values()))

    @property
    def secret_files(self) -> Mapping[str, Path]:
        """The files with their secrets, by the name that the secret has on the host."""
        files = {secret_of(name): one.secret_file for name, one in self.receivers.items()}
        return {name: path for name, path in files.items() if path is not None}

    def unheard(self) -> tuple[Severity, ...]:
        """The severities that no receiver takes."""
        taken = {one for each in (self.webhook, self.email) if each for one in each.severities}
        return tuple(one for one in SEVERITIES if one not in taken)


def secret_of(receiver: str) -> str:
    """What the secret of a receiver is called on the host."""
    return f"alerts_{receiver}_secret"


# Given by the inventory: nobody makes them up.
GIVEN = frozenset(secret_of(name) for name in ("webhook", "email", "heartbeat"))
