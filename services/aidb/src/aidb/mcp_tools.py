"""The service's functions as MCP tools at ``/mcp``: the same as over REST, with the same scopes."""

from collections.abc import Callable
from typing import Annotated, Literal

from garrison_kit.mcp import Tools
from pydantic import Field

from aidb.answers import Document, DocumentPage, Embeddings, Imported, SearchPage, Stats
from aidb.fields import (
    BIGGEST_ID,
    DEFAULT_COLLECTION,
    MAX_OFFSET,
    Content,
    DocumentId,
    Name,
    Path,
    Query,
    Slug,
    SkillContent,
    Tag,
    Title,
    Line,
    Words,
)
from aidb.requests import DocumentImport, Search
from aidb.service import Service
from aidb.skills.models import Skill, SkillPage, SkillSubmission, SkillSubmitted
from aidb.tools.models import Tool, ToolPage
from aidb.tools.registry import Mode

_INSTRUCTIONS = (
    "AIDB keeps documents, skills and a registry of tools. Search documents with search_documents (hybrid unless "
    "you look for exact words: text), then read what you need with get_document. Skills are instructions that an "
    "admin has approved: find them with list_skills and read them with get_skill. list_tools says which tools the "
    "stack knows; AIDB describes them and runs none. import_document stores a text; sent again with the same "
    "project and path it replaces what was there."
)
