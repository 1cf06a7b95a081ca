"""The service's functions as MCP tools at ``/mcp``: the same as over REST, with the same scopes."""

from typing import Annotated

from garrison_kit.mcp import Tools
from pydantic import Field

from aidb import parameters as of
from aidb.answers import Document, DocumentPage, Embeddings, Imported, SearchPage, Stats
from aidb.fields import DEFAULT_COLLECTION, ContentType, Metadata, Name
from aidb.requests import DocumentImport, Embed, Group, Search
from aidb.requests import Mode as SearchMode
from aidb.service import Service
from aidb.skills.models import Skill, SkillPage, SkillSubmission, SkillSubmitted
from aidb.telemetry.summary import Summary
from aidb.tools.models import Tool, ToolPage
from aidb.tools.registry import Mode

_INSTRUCTIONS = (
    "AIDB keeps documents, skills and a registry of tools. Search documents with search_documents (hybrid unless "
    "you look for exact words: text), then read what you need with get_document. Skills are instructions that an "
    "admin has approved: find them with list_skills and read them with get_skill. list_tools says which tools the "
    "stack knows; AIDB describes them and runs none. import_document stores a text; sent again with the same "
    "project and path it replaces what was there."
)


def make_tools(service: Service, version: str) -> Tools:
    """The tools, on one running service."""
    tools = Tools("aidb", version, _INSTRUCTIONS)
    _add_documents(tools, service)
    _add_skills(tools, service)
    _add_registry(tools, service)
    return tools


def _add_documents(tools: Tools, service: Service) -> None:
    @tools.tool(scope="read")
    async def search_documents(
        query: of.Query,
        mode: Annotated[
            SearchMode, Field(description="hybrid: meaning and words; vector: meaning only; text: words only")
        ] = "hybrid",
        project: of.Project = None,
        collection: of.Collection = None,
        limit: Annotated[int, Field(ge=1, le=100, description="hits on the page")] = 10,
        offset: of.Offset = 0,
        group: Annotated[
            Group, Field(description="document: the best chunk of each; chunk: all")
        ] = "document",
        include_content: Annotated[bool, Field(description="also give the whole chunk")] = False,
    ) -> SearchPage:
        """Find documents by meaning, by words or by both; best first."""
        service.startup.require()
        return await service.finder.search(
            Search(
                query=query,
                mode=mode,
                project=project,
                collection=collection,
                limit=limit,
                offset=offset,
                group=group,
                include_content=include_content,
            )
        )

    @tools.tool(scope="read")
    async def get_document(
        document_id: of.DocumentId,
        content: Annotated[bool, Field(description="whether to give its text, too")] = True,
    ) -> Document:
        """Read one document."""
        service.startup.require()
        return await service.library.read(document_id, with_content=content)

    @tools.tool(scope="read")
    async def list_documents(
        project: of.Project = None,
        collection: of.Collection = None,
        limit: of.Limit = 50,
        offset: of.Offset = 0,
    ) -> DocumentPage:
        """List documents without their texts, oldest first."""
        service.startup.require()
        return await service.library.list(project=project, collection=collection, limit=limit, offset=offset)

    @tools.tool(scope="write")
    async def import_document(
        project: Annotated[Name, Field(description="the project that it belongs to")],
        path: of.Path,
        title: of.Title,
        content: of.Content,
        content_type: Annotated[ContentType, Field(description="its media type")] = "text/plain",
        collection: Annotated[
            Name, Field(description="the collection within the project")
        ] = DEFAULT_COLLECTION,
        metadata: Annotated[Metadata | None, Field(description="whatever else is known")] = None,
    ) -> Imported:
        """Store a document; one with the same project and path is replaced."""
        service.startup.require()
        [imported] = await service.importer.store(
            [
                DocumentImport(
                    project=project,
                    path=path,
                    title=title,
                    content=content,
                    content_type=content_type,
                    collection=collection,
                    metadata=metadata or {},
                )
            ]
        )
        return imported

    @tools.tool(scope="read")
    async def embed_texts(texts: of.Texts) -> Embeddings:
        """Embed texts with the model that the stored documents are embedded with."""
        service.startup.require()
        return await service.finder.embed(Embed(texts=texts).texts)

    @tools.tool(scope="read")
    async def get_stats() -> Stats:
        """How many documents and chunks are stored, in which collections, by which model."""
        service.startup.require()
        return await service.library.count()

    @tools.tool(scope="read")
    async def get_telemetry(
        hours: Annotated[int, Field(ge=1, le=720, description="how far back")] = 24,
    ) -> Summary:
        """What was asked lately: counts, latencies of searches, hit rate of the cache."""
        service.startup.require()
        return await service.summarize(hours)


def _add_skills(tools: Tools, service: Service) -> None:
    @tools.tool(scope="read")
    async def list_skills(
        query: of.OptionalQuery = None,
        tag: of.Tag = None,
        limit: of.Limit = 50,
        offset: of.Offset = 0,
    ) -> SkillPage:
        """List approved skills, or find those that a query's words match."""
        service.startup.require()
        return await service.skills.list(query=query, tag=tag, status="approved", limit=limit, offset=offset)

    @tools.tool(scope="read")
    async def get_skill(slug: of.Slug) -> Skill:
        """Read an approved skill."""
        service.startup.require()
        return await service.skills.read(slug)

    @tools.tool(scope="write")
    async def submit_skill(
        slug: of.Slug,
        name: of.SkillName,
        description: of.Description,
        content: of.SkillContent,
        tags: of.Tags = None,
        source: of.Source = None,
    ) -> SkillSubmitted:
        """Propose a skill or a change of one; an admin has to approve it before it can be read."""
        service.startup.require()
        return await service.skills.submit(
            SkillSubmission(
                slug=slug, name=name, description=description, content=content, tags=tags or [], source=source
            )
        )


def _add_registry(tools: Tools, service: Service) -> None:
    @tools.tool(scope="read")
    async def list_tools(
        query: of.OptionalQuery = None,
        tag: of.Tag = None,
        mode: Annotated[Mode, Field(description="full: with input schemas and endpoints")] = "minimal",
        limit: of.Limit = 50,
        offset: of.Offset = 0,
    ) -> ToolPage:
        """List the tools that the stack knows, or find those that a query's words match."""
        service.startup.require()
        return await service.tools.list(
            mode=mode, query=query, tag=tag, include_disabled=False, limit=limit, offset=offset
        )

    @tools.tool(scope="read")
    async def get_tool(name: Annotated[Name, Field(description="the tool's name")]) -> Tool:
        """Read what a tool takes and where it is."""
        service.startup.require()
        return await service.tools.read(name)
