"""The list of documentation packs that an operator gives: a YAML file on this machine, checked before a host is."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from garrison.catalog.egress import Destination
from garrison.catalog.model import Name
from garrison.catalog.source import read_source
from garrison.catalog.validate import validate
from garrison.problem import Problem, ProblemError

Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]{1,5})?$")]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_MANUAL = "services/nixos-docs/README.md lists the keys of a pack."


class Pack(BaseModel):
    """One pack, as services/nixos-docs/src/nixos_docs/packs.py takes it too (a test loads one file with both)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: Literal["archive", "git"]
    format: Literal["pages", "packages", "options"]
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
            raise ValueError(
                f"kind {self.kind!r} is pinned by '{wanted}', and by that alone; "
                f"give '{wanted}' and take '{other}' out"
            )
        return self

    @model_validator(mode="after")
    def _is_secure_or_says_why_not(self) -> Self:
        if (urlsplit(self.url).scheme == "http") != (self.insecure is not None):
            raise ValueError(
                "plain http and 'insecure' belong together; write https, or say under 'insecure' why http is right"
            )
        return self


class PackList(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packs: Annotated[tuple[Pack, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = [pack.name for pack in self.packs]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the name {repeated[0]!r} is there twice; a pack's name is its own")
        return self


def load_packs(path: Path | None) -> list[dict[str, Any]]:
    """The packs in the file as data for JSON, none without a file.

    Raises ProblemError with file, line and remedy for everything that doesn't fit.
    """
    if path is None:
        return []
    try:
        packs = validate(PackList, read_source(path)).packs
    except ProblemError as error:
        raise ProblemError(_reworded(one) for one in error.problems) from None
    return [pack.model_dump(mode="json", exclude_defaults=True) for pack in packs]


def pack_destinations(path: Path | None) -> tuple[Destination, ...]:
    """Every host and port that the packs in the file name, for the wall of who fetches them.

    Raises ProblemError likewise, also for a host that no wall can let through (IPv6 alone, for instance).
    """
    places = set()
    for pack in load_packs(path):
        url = urlsplit(pack["url"])
        default = 443 if url.scheme == "https" else 80
        places.add((url.hostname or "", url.port or default))
        for host in pack.get("hosts", ()):
            name, _, port = host.partition(":")
            places.add((name, int(port or default)))
    found, problems = [], []
    for name, port in sorted(places):
        kind = "net" if name[:1].isdigit() or ":" in name else "host"
        try:
            found.append(Destination.model_validate({kind: name, "tcp": [port]}))
        except ValidationError as error:
            what, _, remedy = error.errors()[0]["msg"].removeprefix("Value error, ").partition("; ")
            problems.append(
                Problem(where=f"{path} {name}:{port}", id="packs.host", what=f"{what}.",
                        remedy=f"{remedy or 'Mend it'}.".capitalize())
            )  # fmt: skip
    if problems:
        raise ProblemError(problems)
    return tuple(found)


def _reworded(problem: Problem) -> Problem:
    """The reader of YAML speaks of services; this is about packs."""
    before, _, after = problem.remedy.partition("docs/adding-a-service.md")
    remedy = f"{before}{_MANUAL}" if after else problem.remedy
    return Problem(
        where=problem.where, id=problem.id.replace("catalog.", "packs."), what=problem.what, remedy=remedy
    )
