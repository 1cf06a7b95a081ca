"""The official MCP client finds the tools, calls them, and is refused without a key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from aidb_stack import Aidb
from aidb_testbed import ADMIN, READER, WRITER
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp_client import make_http

READING = {
    "search_documents",
    "get_document",
    "list_documents",
    "embed_texts",
    "get_stats",
    "get_telemetry",
    "list_skills",
    "get_skill",
    "list_tools",
    "get_tool",
}
WRITING = {"import_document", "submit_skill"}
