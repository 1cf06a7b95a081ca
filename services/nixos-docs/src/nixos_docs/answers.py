"""What clients get."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from nixos_docs.packs import Format
from nixos_docs.search.query import Matched


class Metadata(BaseModel):
    """Where in its pack a hit stands."""

    path: str
    page: str
    headings: list[str]
    anchor: str
    version: str


class Hit(BaseModel):
    """A section that matched; the higher its relevance, the better."""

    source: str
    title: str
    content: str
    url: str
    relevance: float
    metadata: Metadata


class _Page(BaseModel):
    """``missing`` names the sources that were asked for and aren't synced yet: the answer lacks what they hold."""

    query: str
    total: int
    limit: int
    offset: int
    has_more: bool
    missing: list[str]


class SearchPage(_Page):
    """One page of hits, best first; ``matched`` says how strictly the words were taken to find any."""

    results: list[Hit]
    matched: Matched


class Package(BaseModel):
    """A package of nixpkgs."""

    attribute: str
    name: str
    version: str
    description: str
    long_description: str
    homepage: list[str]
    license: list[str]
    broken: bool
    unfree: bool
    insecure: bool
    channel: str


class PackagePage(_Page):
    """One page of packages, the nearest name first."""

    channel: str | None
    packages: list[Package]


class Option(BaseModel):
    """An option of NixOS; ``default`` and ``example`` are Nix expressions, null where there is none."""

    name: str
    description: str
    type: str
    default: str | None
    example: str | None
    declarations: list[str]
    read_only: bool
    source: str


class OptionPage(_Page):
    """One page of options, the nearest name first."""

    options: list[Option]


class Source(BaseModel):
    """A pack of the operator's list.

    ``ready``: indexed as listed. ``outdated``: searched, but of another version than the list wants. ``missing``: not
    searched. ``version`` is what is searched, ``wanted_version`` what the list names.
    """

    name: str
    title: str
    format: Format
    kind: Literal["archive", "git"]
    state: Literal["ready", "outdated", "missing"]
    syncing: bool
    version: str | None
    wanted_version: str
    entries: int
    last_sync: datetime | None
    last_error: str | None
    last_error_at: datetime | None


class Sources(BaseModel):
    """All packs; ``message`` says what to do when there is none."""

    sources: list[Source]
    message: str | None


class Heading(BaseModel):
    """A section of a page."""

    title: str
    headings: list[str]
    anchor: str


class PageText(BaseModel):
    """One page, whole."""

    source: str
    path: str
    title: str
    url: str
    text: str
    sections: list[Heading]


class Synced(BaseModel):
    """One pack that was fetched, verified and indexed."""

    source: str
    version: str
    entries: int
    seconds: float


class SyncResults(BaseModel):
    """Each pack that was asked for; none of them failed."""

    results: list[Synced]
