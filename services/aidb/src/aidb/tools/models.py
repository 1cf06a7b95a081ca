"""What clients send and get of tools."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from aidb import examples
from aidb.examples import shown
from aidb.fields import Body, Line, Name, Tags, Words
from aidb.tools.schemas import InputSchema


class ToolRegistration(Body):
    """A tool, known by its name. It is not enabled before an admin says so; changed, it has to be enabled anew."""

    model_config = shown(examples.TOOL)

    name: Name
    description: Words
    input_schema: Annotated[InputSchema, Field(description="JSON Schema of an object, at most 32 KiB")]
    service: Annotated[Name, Field(description="who offers it")]
    endpoint: Annotated[Line, Field(description="where: a path of that service, or a URL")]
    tags: Annotated[Tags, Field(default_factory=list)]


class ToolSummary(BaseModel):
    """What is needed to choose a tool."""

    name: str
    description: str
    service: str
    tags: list[str]
    enabled: bool


class Tool(ToolSummary):
    """What is needed to call it, too."""

    input_schema: dict[str, Any]
    endpoint: str
    registered_by: str
    created_at: datetime
    updated_at: datetime


class ToolRegistered(Tool):
    """What became of a registration."""

    outcome: Literal["created", "updated", "unchanged"]


class ToolPage(BaseModel):
    """One page of tools: by name, or best first where there is a query."""

    tools: list[Tool | ToolSummary]
    mode: Literal["minimal", "full"]
    total: int
    limit: int
    offset: int
    has_more: bool
    count: Annotated[int, Field(description="of this page")]
