"""Tools: register, list, read, enable, disable, remove; none is run here."""

from typing import Any

from fastapi import APIRouter, Response
from garrison_kit.gate import requires

from aidb.fields import Name, Tag
from aidb.routes.dependencies import Limit, Q, Skip, TheService
from aidb.tools.models import Tool, ToolPage, ToolRegistered, ToolRegistration
from aidb.tools.registry import Mode

router = APIRouter(tags=["tools"])
CREATED: dict[int | str, dict[str, Any]] = {201: {"model": ToolRegistered, "description": "It is new"}}


@router.post("/tools", responses=CREATED)
async def register_tool(given: ToolRegistration, service: TheService, response: Response) -> ToolRegistered:
    """Register a tool or a change of one; an admin has to enable it."""
    registered = await service.tools.register(given)
    response.status_code = 201 if registered.outcome == "created" else 200
    return registered


@router.get("/tools")
async def list_tools(
    service: TheService,
    mode: Mode = "minimal",
    query: Q = None,
    tag: Tag | None = None,
    include_disabled: bool = False,
    limit: Limit = 50,
    offset: Skip = 0,
) -> ToolPage:
    """One page of the enabled tools, ``full`` with schemas and endpoints; ``include_disabled`` is for admins."""
    return await service.tools.list(
        mode=mode, query=query, tag=tag, include_disabled=include_disabled, limit=limit, offset=offset
    )


@router.get("/tools/{name}")
async def read_tool(name: Name, service: TheService) -> Tool:
    """One tool; one that isn't enabled is there for admins only."""
    return await service.tools.read(name)


@router.post("/tools/{name}/enable")
@requires("admin")
async def enable_tool(name: Name, service: TheService) -> Tool:
    """Let everybody see it."""
    return await service.tools.switch(name, enabled=True)


@router.post("/tools/{name}/disable")
@requires("admin")
async def disable_tool(name: Name, service: TheService) -> Tool:
    """Hide it."""
    return await service.tools.switch(name, enabled=False)


@router.delete("/tools/{name}", status_code=204)
@requires("admin")
async def delete_tool(name: Name, service: TheService) -> None:
    """Remove it from the registry."""
    await service.tools.delete(name)
