"""controls/deviations.yaml: where a standard asks for something else, what we do, and what makes up for it."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from garrison.catalog.source import Location, Source, read_source
from garrison.catalog.validate import near, validate
from garrison.controls.applies import FACTS
from garrison.controls.load import FOLDER
from garrison.controls.model import Control, ControlId, Sections, Sentence, Standard
from garrison.controls.standards_findings import StandardsFinding
from garrison.controls.words import not_empty
from garrison.problem import Problem, ProblemError

MANUAL = "docs/controls.md explains what a deviation says."
FILE = FOLDER / "deviations.yaml"
DeviationId = Annotated[str, StringConstraints(pattern=r"^D[0-9]{2,3}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Deviation(BaseModel):
    """One point at which we don't do as a standard says.

    ``control`` is the one of ours that therefore doesn't hold, where there is one; ``rules`` are the names by which
    a standard's own tool reports it; ``applies`` is the fact that makes us deviate. ``excuses`` are the places whose
    findings it answers for; none is all of the control's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: DeviationId
    standard: Standard
    section: Sections
    says: Sentence
    we_do: Sentence
    because: Sentence
    compensated_by: Annotated[tuple[ControlId, ...], AfterValidator(not_empty)]
    owner: Text
    review: datetime.date
    control: ControlId | None = None
    excuses: tuple[Text, ...] = ()
    rules: tuple[Text, ...] = ()
    applies: str = "always"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    deviations: tuple[Deviation, ...]
    standards_findings: tuple[StandardsFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlacedDeviation:
    """A deviation and the line it stands on."""

    deviation: Deviation
    where: str


def load_deviations(controls: Mapping[str, Control], path: Path = FILE) -> tuple[PlacedDeviation, ...]:
    """The deviations in ``path``; no file is none.

    Raises ProblemError for what isn't a list of deviations, an id said twice, and what names nothing there is.
    """
    if not path.exists():
        return ()
    source = read_source(path, MANUAL)
    deviations = validate(_File, source, MANUAL).deviations
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for index, deviation in enumerate(deviations):
        problems += _unknown(deviation, index, source, controls)
        if first.setdefault(deviation.id, index) != index:
            problems.append(_twice(deviation.id, source.where("deviations", index, "id")))
    if problems:
        raise ProblemError(problems)
    return tuple(
        PlacedDeviation(deviation=deviation, where=source.where("deviations", index))
        for index, deviation in enumerate(deviations)
    )


def load_standards_findings(
    controls: Mapping[str, Control], path: Path = FILE
) -> tuple[StandardsFinding, ...]:
    """What ``path`` says of the standards' own tools; no file is nothing.

    Raises ProblemError for what isn't such a list, and for a control there is not.
    """
    if not path.exists():
        return ()
    source = read_source(path, MANUAL)
    findings = validate(_File, source, MANUAL).standards_findings
    problems = [
        _no_control(name, source.where("standards_findings", index, "rules", rule), controls)
        for index, finding in enumerate(findings)
        for rule, name in finding.rules.items()
        if name not in controls
    ]
    if problems:
        raise ProblemError(problems)
    return findings


def _unknown(
    deviation: Deviation, index: int, source: Source, controls: Mapping[str, Control]
) -> Iterator[Problem]:
    named: list[tuple[str, Location]] = [
        (name, ("compensated_by", at)) for at, name in enumerate(deviation.compensated_by)
    ]
    if deviation.control:
        named.append((deviation.control, ("control",)))
    for name, location in named:
        if name not in controls:
            yield _no_control(name, source.where("deviations", index, *location), controls)
    if deviation.applies not in FACTS:
        yield Problem(
            where=source.where("deviations", index, "applies"),
            id="deviations.unknown-fact",
            what=f"there is no fact {deviation.applies!r}.",
            remedy=near(deviation.applies, FACTS, f"There are {', '.join(sorted(FACTS))}."),
        )


def _no_control(name: str, where: str, controls: Mapping[str, Control]) -> Problem:
    return Problem(
        where=where,
        id="deviations.unknown-control",
        what=f"there is no control {name}.",
        remedy=near(name, controls, "Name one that docs/controls.md lists."),
    )


def _twice(name: str, where: str) -> Problem:
    what = f"a deviation {name} is already in this file."
    return Problem(where=where, id="deviations.duplicate-id", what=what, remedy="Give it another id.")
