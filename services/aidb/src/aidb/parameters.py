"""The parameters of the MCP tools: the fields of the REST API, each with the words that a model reads."""

from typing import Annotated

from pydantic import Field

from aidb import fields

Query = Annotated[fields.Query, Field(description="a question or words")]
OptionalQuery = Annotated[fields.Query | None, Field(description="words, in web search syntax")]
Project = Annotated[fields.Name | None, Field(description="only this project")]
Collection = Annotated[fields.Name | None, Field(description="only this collection")]
Limit = Annotated[int, Field(ge=1, le=200, description="how many on the page")]
Offset = Annotated[fields.Offset, Field(description="how many to pass over")]
DocumentId = Annotated[fields.DocumentId, Field(description="the document's id, as in a search's hits")]
Path = Annotated[fields.Path, Field(description="its path, which names it within the project")]
Title = Annotated[fields.Title, Field(description="its title")]
Content = Annotated[fields.Content, Field(description="its text, at most 1 MiB")]
Texts = Annotated[list[fields.Query], Field(min_length=1, max_length=32, description="the texts")]
Slug = Annotated[fields.Slug, Field(description="the skill's name in URLs: lower case, digits and hyphens")]
SkillName = Annotated[fields.Line, Field(description="the skill's name for people")]
Description = Annotated[fields.Words, Field(description="when to use it")]
SkillContent = Annotated[fields.SkillContent, Field(description="Markdown, at most 100,000 bytes")]
Tag = Annotated[fields.Tag | None, Field(description="only those with this tag")]
Tags = Annotated[fields.Tags | None, Field(description="at most 20 words in lower case")]
Source = Annotated[fields.Line | None, Field(description="where it comes from")]
