"""The official MCP client, through the door."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

PATH = "/mcp"


@asynccontextmanager
async def connected(
    url: str, key: str | None, authority: Path, statuses: list[int] | None = None
) -> AsyncIterator[Client]:
    """A client that has shaken hands; the status of each answer is added to ``statuses``.

    Raises what the SDK raises when it is refused.
    """
    seen = [] if statuses is None else statuses

    async def note(answer: httpx2.Response) -> None:
        seen.append(answer.status_code)

    trust = ssl.create_default_context(cafile=str(authority))
    headers = {"X-API-Key": key} if key else {}
    async with (
        httpx2.AsyncClient(
            headers=headers, verify=trust, timeout=120, trust_env=False, event_hooks={"response": [note]}
        ) as http,
        Client(streamable_http_client(url + PATH, http_client=http)) as client,
    ):
        yield client
