"""inventory/waivers.yaml: findings that somebody answers for, until a day."""

import datetime
import fnmatch
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from garrison.catalog.egress import Reason
from garrison.catalog.source import read_source
from garrison.catalog.validate import near, validate
from garrison.problem import Problem, ProblemError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Waiver(BaseModel):
    """``check`` is a check's id, or that of one of its findings; ``host`` a pattern such as ``*.example.org``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Text
    check: Text
    reason: Reason
    owner: Text
    expires: datetime.date

    def covers(self, hosts: Collection[str], finding: str) -> bool:
        """Whether it is about this finding of a host with these names. An expired one still covers, and says so."""
        is_host = any(fnmatch.fnmatchcase(name, self.host) for name in hosts)
        return is_host and (finding == self.check or finding.startswith(f"{self.check}."))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    waivers: tuple[Waiver, ...]


@dataclass(frozen=True, kw_only=True)
class PlacedWaiver:
    """A waiver and the line it stands on."""

    waiver: Waiver
    where: str

    def expiry(self, today: datetime.date) -> Problem | None:
        """The finding that an expired waiver is."""
        if today <= self.waiver.expires:
            return None
        return Problem(
            where=self.where,
            id="waivers.expired",
            what=f"the waiver of {self.waiver.check} for {self.waiver.host} ended on {self.waiver.expires}.",
            remedy=f"Mend what it covers, or have {self.waiver.owner} decide anew and set another date.",
        )


def load_waivers(path: Path, known: Collection[str]) -> tuple[PlacedWaiver, ...]:
    """The waivers in ``path``; no file is none. ``known`` are the ids of all checks.

    Raises ProblemError for what isn't a list of waivers, and for checks that don't exist.
    """
    if not path.exists():
        return ()
    source = read_source(path)
    waivers = validate(_File, source).waivers
    unknown = [
        Problem(
            where=source.where("waivers", index, "check"),
            id="waivers.unknown-check",
            what=f"there is no check {waiver.check!r}.",
            remedy=near(waiver.check.split(".")[0], known, f"Checks: {', '.join(sorted(known))}."),
        )
        for index, waiver in enumerate(waivers)
        if waiver.check.split(".")[0] not in known
    ]
    if unknown:
        raise ProblemError(unknown)
    return tuple(
        PlacedWaiver(waiver=waiver, where=source.where("waivers", index))
        for index, waiver in enumerate(waivers)
    )
