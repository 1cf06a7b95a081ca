"""What clients send and get of skills."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from aidb import examples
from aidb.examples import shown
from aidb.fields import Body, Checksum, Line, SkillContent, Slug, Tags, Url, Words

Status = Literal["pending", "approved", "rejected"]
Shown = Literal["approved", "pending", "rejected", "all"]


class SkillSubmission(Body):
    """A skill, known by its slug. It waits for an admin; sent again with changes, it waits once more."""

    model_config = shown(examples.SKILL, anyOf=[{"required": ["content"]}, {"required": ["url"]}])

    slug: Slug
    name: Line
    description: Words
    content: Annotated[SkillContent | None, Field(description="Markdown, at most 100,000 bytes")] = None
    url: Annotated[Url | None, Field(description="instead of content: where to fetch it, see import-url")] = (
        None
    )
    tags: Annotated[Tags, Field(default_factory=list)]
    source: Annotated[Line | None, Field(description="where it comes from, in words or as a URL")] = None
    managed_by: Annotated[Line | None, Field(description="who looks after it")] = None

    @model_validator(mode="after")
    def _has_content_or_a_url(self) -> Self:
        if (self.content is None) == (self.url is None):
            raise ValueError("give either content or url")
        return self


class Review(Body):
    """An admin's word on a skill."""

    checksum: Annotated[
        Checksum | None, Field(description="of the content that was read: 409 when it has changed since")
    ] = None
    version: Annotated[
        int | None,
        Field(
            ge=1, le=2**31 - 1, description="that was read: 409 when anything else of it has changed since"
        ),
    ] = None
    note: Words | None = None


class SkillSummary(BaseModel):
    """A skill without its content."""

    slug: str
    name: str
    description: str
    tags: list[str]
    status: Status
    version: int
    checksum: str
    size_bytes: int
    source: str | None
    managed_by: str | None
    submitted_by: str
    reviewed_by: str | None
    reviewed_at: datetime | None
    note: str | None
    created_at: datetime
    updated_at: datetime


class Skill(SkillSummary):
    """A skill."""

    content: str


class SkillSubmitted(Skill):
    """What became of a submission."""

    outcome: Literal["created", "updated", "unchanged"]


class SkillPage(BaseModel):
    """One page of skills: by slug, or best first where there is a query."""

    skills: list[SkillSummary]
    total: int
    limit: int
    offset: int
    has_more: bool
