"""Examples for the OpenAPI document: each is a request that works."""

from typing import Any

from pydantic import ConfigDict

from aidb.fields import Body

DOCUMENT: dict[str, Any] = {
    "project": "handbook",
    "path": "birds/heron.md",
    "title": "The heron",
    "content": "The heron stands in the shallow water and waits for a fish.",
    "content_type": "text/markdown",
    "collection": "birds",
    "metadata": {"language": "en"},
}
BATCH = {"documents": [DOCUMENT]}
URL = {"url": "https://docs.example.org/heron.md", "project": "handbook"}
SEARCH = {"query": "Which bird waits for fish?", "project": "handbook", "limit": 5}
TEXTS = {"texts": ["Which bird waits for fish?"]}
SKILL = {
    "slug": "watch-herons",
    "name": "Watch herons",
    "description": "How to find and watch a heron without scaring it away.",
    "content": "# Watch herons\n\nGo early, stand still, keep the sun behind you.",
    "tags": ["birds"],
}
TOOL = {
    "name": "tide-table",
    "description": "Says when high and low water are at a place.",
    "input_schema": {
        "type": "object",
        "properties": {"place": {"type": "string"}},
        "required": ["place"],
    },
    "service": "harbour",
    "endpoint": "/tides",
    "tags": ["sea"],
}


def shown(example: dict[str, Any], **more: Any) -> ConfigDict:
    """The configuration of a request's body that has an example; ``more`` goes into its schema."""
    return ConfigDict(**{**Body.model_config, "json_schema_extra": {"examples": [example], **more}})
