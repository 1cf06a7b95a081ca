"""A URL that may be fetched: https, an allowed host, nothing hidden in it."""

from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from garrison_kit.problems import HttpProblemError

HTTPS = 443
_PATH = "%/:=&?~+!$,;'@()*"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to ask for what."""

    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The URL again, without a fragment."""
        port = "" if self.port == HTTPS else f":{self.port}"
        return f"https://{self.host}{port}{self.path}"


def parse_url(url: str, hosts: frozenset[str]) -> Target:
    """Take a URL apart. Raises HttpProblemError: 422 for one that is none of https, 403 for a host not in ``hosts``.

    ``hosts`` are names in lower case, with ``:port`` where it isn't 443.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS
    except ValueError as error:
        raise HttpProblemError(422, "The URL is not valid.") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host:
        raise HttpProblemError(422, "The URL must start with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise HttpProblemError(422, "The URL must not hold a user name or password.")
    if (host if port == HTTPS else f"{host}:{port}") not in hosts:
        raise HttpProblemError(403, "The host of this URL is not among those that imports may come from.")
    path = quote(parts.path or "/", safe=_PATH) + (
        f"?{quote(parts.query, safe=_PATH)}" if parts.query else ""
    )
    return Target(host=host, port=port, path=path)


def follow(target: Target, location: str, hosts: frozenset[str]) -> Target:
    """Where a redirect leads. Raises HttpProblemError (403) unless it stays on the same host and port."""
    following = parse_url(urljoin(target.url, location), hosts)
    if (following.host, following.port) != (target.host, target.port):
        raise HttpProblemError(403, "The URL redirects to another host, which imports do not follow.")
    return following
