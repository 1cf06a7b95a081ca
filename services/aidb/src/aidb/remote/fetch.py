"""Fetches a text by URL, bounded in size and time."""

import asyncio
import codecs
import ssl
from dataclasses import dataclass

import httpcore
from garrison_kit.problems import HttpProblemError

from aidb.remote.addresses import is_public
from aidb.remote.network import GuardedNetwork, IsAllowed
from aidb.remote.urls import Target, follow, parse_url

_SECONDS, _STEP_SECONDS, _REDIRECTS = 20.0, 5.0, 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_TEXTS = frozenset(
    {"application/json", "application/xml", "application/yaml", "application/toml", "application/x-yaml"}
)
_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A text, its media type, and the URL that it came from in the end."""

    text: str
    content_type: str
    url: str


class Fetcher:
    """Fetches from ``hosts`` only; with none, fetching is switched off."""

    def __init__(
        self, hosts: frozenset[str], *, is_allowed: IsAllowed = is_public, trust: ssl.SSLContext | None = None
    ) -> None:
        self._hosts = hosts
        self._is_allowed = is_allowed
        self._trust = trust or ssl.create_default_context()

    async def fetch(self, url: str, limit: int) -> Fetched:
        """The text at ``url``, of at most ``limit`` bytes.

        Raises HttpProblemError: 403 where the operator or the policy doesn't allow it, 422 for a URL or content
        that is none of ours, 502 and 504 when the other side fails.
        """
        if not self._hosts:
            raise HttpProblemError(
                403, "Imports by URL are switched off here: the setting AIDB_IMPORT_HOSTS names no host."
            )
        target = parse_url(url, self._hosts)
        network = GuardedNetwork(self._is_allowed)
        try:
            async with (
                asyncio.timeout(_SECONDS),
                httpcore.AsyncConnectionPool(
                    ssl_context=self._trust, network_backend=network, max_connections=1, retries=0
                ) as pool,
            ):
                return await self._follow(pool, target, limit)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise HttpProblemError(504, f"{target.host} did not answer in time.") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise HttpProblemError(502, f"{target.host} could not be read.") from error

    async def _follow(self, pool: httpcore.AsyncConnectionPool, target: Target, limit: int) -> Fetched:
        for _ in range(_REDIRECTS + 1):
            async with pool.stream(
                "GET",
                target.url,
                headers={
                    "Accept": "text/*, application/json;q=0.5",
                    "Accept-Encoding": "identity",
                    "User-Agent": "garrison-aidb",
                },
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), _STEP_SECONDS)},
            ) as answer:
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers
                }
                if answer.status in _MOVED:
                    target = follow(target, headers.get("location", ""), self._hosts)
                    continue
                if answer.status != 200:
                    raise HttpProblemError(502, f"{target.host} answered {answer.status}.")
                media_type, charset = _read_content_type(headers)
                body = await _read_body(answer, headers, limit)
                return Fetched(text=_decode(body, charset), content_type=media_type, url=target.url)
        raise HttpProblemError(502, f"{target.host} redirects more than {_REDIRECTS} times.")


def _read_content_type(headers: dict[str, str]) -> tuple[str, str]:
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    is_text = media_type.startswith("text/") or media_type in _TEXTS or media_type.endswith(("+json", "+xml"))
    if not is_text:
        raise HttpProblemError(422, "What the URL holds is no text.")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise HttpProblemError(502, "The other side sent its answer compressed, though it was asked not to.")
    charset = "utf-8"
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'")
    return media_type, charset


async def _read_body(answer: httpcore.Response, headers: dict[str, str], limit: int) -> bytes:
    declared = headers.get("content-length", "")
    too_large = HttpProblemError(422, f"What the URL holds is larger than {limit} bytes.")
    if declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise too_large
    body = bytearray()
    async for part in answer.aiter_stream():
        body += part
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _decode(body: bytes, charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
        if name in _CHARSETS:
            return body.decode("utf-8-sig" if name == "utf-8" else name)
    except (LookupError, ValueError):
        pass
    raise HttpProblemError(422, "What the URL holds is not in an encoding that is known here, such as UTF-8.")
