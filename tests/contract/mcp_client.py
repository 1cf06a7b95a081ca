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
async def connected(url: str, key: str | None, authority: Path) -> AsyncIterator[Client]:
    """A client that has shaken hands. Raises what the SDK raises when it is refused."""
    trust = ssl.create_default_context(cafile=str(authority))
    headers = {"X-API-Key": key} if key else {}
    async with (
        httpx2.AsyncClient(headers=headers, verify=trust, timeout=120, trust_env=False) as http,
        Client(streamable_http_client(url + PATH, http_client=http)) as client,
    ):
        yield client
