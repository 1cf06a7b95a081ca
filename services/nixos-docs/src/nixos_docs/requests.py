"""What clients send."""

from typing import Annotated

from garrison_kit.text import Text
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nixos_docs.packs import Name

# A JSON `true` is no number, though Python takes it for 1.
Limit = Annotated[int, Field(ge=1, le=100, strict=True)]
Offset = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Query = Annotated[Text, StringConstraints(min_length=1, max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Search(_Body):
    """Words; ``"several in quotes"`` are a phrase, ``begin*`` is the beginning of a word."""

    query: Annotated[Query, Field(examples=["collect garbage"])]
    sources: Annotated[tuple[Name, ...] | None, Field(min_length=1, max_length=200)] = None
    limit: Limit = 10
    offset: Offset = 0


class PackageSearch(_Body):
    """A package's name, a part of it, or words about it; ``channel`` is the name of one pack of packages."""

    name: Annotated[Query, Field(examples=["nginx"])]
    channel: Name | None = None
    limit: Limit = 20
    offset: Offset = 0


class OptionSearch(_Body):
    """An option's name, a part of it, or words about it; ``source`` is the name of one pack of options."""

    option: Annotated[Query, Field(examples=["max-jobs"])]
    source: Name | None = None
    limit: Limit = 20
    offset: Offset = 0


class Sync(_Body):
    """Which packs to fetch anew; all of them when ``sources`` is left out."""

    sources: Annotated[tuple[Name, ...] | None, Field(min_length=1, max_length=200)] = None
