"""The MCP tools: what REST offers, under names and words made for a model."""

from typing import Annotated

from garrison_kit.mcp import Tools
from pydantic import Field

from nixos_docs import requests
from nixos_docs.answers import OptionPage, PackagePage, PageText, SearchPage, Sources, SyncResults
from nixos_docs.packs import Name
from nixos_docs.service import Service

_INSTRUCTIONS = (
    "An offline index of NixOS documentation, packages and options. list_sources tells what is indexed; search_docs"
    " finds sections, and read_page gives the whole page that a hit names in 'source' and 'metadata.path'."
)
_Names = Annotated[list[Name], Field(min_length=1, max_length=200)]
_Limit = Annotated[requests.Limit, Field(description="How many results to give at most.")]
_Offset = Annotated[requests.Offset, Field(description="How many results to pass over, for the next page.")]


def make_tools(service: Service, name: str, version: str) -> Tools:
    """The tools of ``service``."""
    tools = Tools(name, version, _INSTRUCTIONS)
    _add_searches(tools, service)
    _add_packs(tools, service)
    return tools


def _add_searches(tools: Tools, service: Service) -> None:
    @tools.tool(scope="read")
    async def search_docs(
        query: Annotated[
            requests.Query,
            Field(
                description='Words; "a phrase" in quotes, begin* for the beginning of a word.',
                examples=["collect garbage"],
            ),
        ],
        sources: Annotated[
            _Names | None, Field(description="Names of the packs to search; all of them when left out.")
        ] = None,
        limit: _Limit = 10,
        offset: _Offset = 0,
    ) -> SearchPage:
        """Find sections of the documentation, best first."""
        given = None if sources is None else tuple(sources)
        return await service.search(requests.Search(query=query, sources=given, limit=limit, offset=offset))

    @tools.tool(scope="read")
    async def search_packages(
        name: Annotated[
            requests.Query,
            Field(description="A package's name, a part of it, or words about it.", examples=["nginx"]),
        ],
        channel: Annotated[Name | None, Field(description="The name of one pack of packages.")] = None,
        limit: _Limit = 20,
        offset: _Offset = 0,
    ) -> PackagePage:
        """Find packages: attribute, version, description, homepage, license."""
        asked = requests.PackageSearch(name=name, channel=channel, limit=limit, offset=offset)
        return await service.search_packages(asked)

    @tools.tool(scope="read")
    async def search_options(
        option: Annotated[
            requests.Query,
            Field(description="An option's name, a part of it, or words about it.", examples=["max-jobs"]),
        ],
        source: Annotated[Name | None, Field(description="The name of one pack of options.")] = None,
        limit: _Limit = 20,
        offset: _Offset = 0,
    ) -> OptionPage:
        """Find NixOS options: type, default, example and description."""
        asked = requests.OptionSearch(option=option, source=source, limit=limit, offset=offset)
        return await service.search_options(asked)


def _add_packs(tools: Tools, service: Service) -> None:
    @tools.tool(scope="read")
    async def list_sources() -> Sources:
        """List the packs: what each holds, whether it can be searched, and why not."""
        return service.list_sources()

    @tools.tool(scope="read")
    async def read_page(
        source: Annotated[Name, Field(description="The pack's name: 'source' of a hit.")],
        path: Annotated[
            str, Field(description="The page's path: 'metadata.path' of a hit.", max_length=1000)
        ],
    ) -> PageText:
        """Read one page of the documentation, whole."""
        return await service.read_page(source, path)

    @tools.tool(scope="admin")
    async def sync(
        sources: Annotated[
            _Names | None, Field(description="Names of the packs to fetch anew; all of them when left out.")
        ] = None,
    ) -> SyncResults:
        """Fetch packs anew from upstream and index them; fails, naming each pack that upstream doesn't deliver."""
        return await service.sync(requests.Sync(sources=None if sources is None else tuple(sources)))
