"""The operator's list of packs: what may be fetched, from where, and what proves that it is the right thing."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

Format = Literal["pages", "packages", "options"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]{1,5})?$")]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Pack(BaseModel):
    """One pack. Content is pinned: an archive by its SHA-256, a git repository by a full commit id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: Literal["archive", "git"]
    format: Format
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/@\s]+/\S*$", max_length=2000)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")] | None = None
    hosts: tuple[Host, ...] = ()
    strip: Annotated[int, Field(ge=0, le=20)] = 0
    include: tuple[Glob, ...] = ()
    exclude: tuple[Glob, ...] = ()
    base_url: Annotated[str, StringConstraints(pattern=r"^(https?://\S*)?$", max_length=2000)] = ""
    insecure: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)] | None = None

    @model_validator(mode="after")
    def _is_pinned(self) -> Self:
        wanted, other = ("sha256", "commit") if self.kind == "archive" else ("commit", "sha256")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise ValueError(f"kind {self.kind!r} is pinned by '{wanted}', and by that alone")
        return self

    @model_validator(mode="after")
    def _is_secure_or_says_why_not(self) -> Self:
        if (urlsplit(self.url).scheme == "http") != (self.insecure is not None):
            raise ValueError("plain http needs 'insecure' with the reason; https must not have it")
        return self

    @property
    def version(self) -> str:
        """What pins the content."""
        return self.sha256 or self.commit or ""

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts (with their ports, where given) that the pack may be fetched from."""
        return frozenset({urlsplit(self.url).netloc.lower(), *self.hosts})


class PackList(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packs: Annotated[tuple[Pack, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = [pack.name for pack in self.packs]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the name {repeated[0]!r} is there twice")
        return self


class PacksError(ValueError):
    """The list can't be used; the message names the file and every fault."""


def load_packs(path: Path) -> tuple[Pack, ...]:
    """The packs in the file. Raises PacksError when it is no good."""
    try:
        return PackList.model_validate_json(path.read_bytes()).packs
    except OSError as error:
        raise PacksError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        faults = (
            f"{'.'.join(str(part) for part in one['loc']) or 'document'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise PacksError(f"{path}: {'; '.join(faults)}") from None
