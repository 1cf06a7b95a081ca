"""Reads ``controls/``: every record checked, or every fault with its file, line and remedy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from garrison.catalog.source import Source, read_source, shown
from garrison.catalog.validate import validate
from garrison.controls.conditions import Condition
from garrison.controls.model import Control, Level
from garrison.controls.references import find_unknown
from garrison.problem import Problem, ProblemError

MANUAL = "docs/controls.md explains what a control says."
FOLDER = Path(__file__).parents[2] / "controls"
Kind = TypeVar("Kind", bound=Condition)


@dataclass(frozen=True, kw_only=True)
class Controls:
    """All controls by id, in order, with the file and the family (its folder) of each."""

    by_id: Mapping[str, Control]
    sources: Mapping[str, Source] = field(repr=False)

    def of_level(self, level: Level) -> tuple[Control, ...]:
        """What ``level`` asks for: strict asks for all of baseline too."""
        return tuple(control for control in self.by_id.values() if control.is_in(level))

    def conditions(self, kind: type[Kind], level: Level) -> tuple[Kind, ...]:
        """The conditions of one kind that ``level`` asks for, without repetitions."""
        found = (each for control in self.of_level(level) for each in control.holds)
        return tuple(dict.fromkeys(each for each in found if isinstance(each, kind)))

    def family(self, control: str) -> str:
        """The folder that a control stands in."""
        return self.sources[control].path.parent.name

    def where(self, control: str) -> str:
        """The file of a control, as messages show it."""
        return shown(self.sources[control].path)


@cache
def own_controls() -> Controls:
    """Garrison's own controls, read once a run. Raises ProblemError as ``load_controls`` does."""
    return load_controls()


def load_controls(folder: Path = FOLDER) -> Controls:
    """The controls below ``folder``, one file each.

    Raises ProblemError with every problem of every file at once.
    """
    problems: list[Problem] = []
    controls: dict[str, Control] = {}
    sources: dict[str, Source] = {}
    for path in _files(folder, problems):
        try:
            source = read_source(path, MANUAL)
            control = validate(Control, source, MANUAL)
        except ProblemError as error:
            problems += error.problems
            continue
        problems += [*_misplaced(control, source, sources), *find_unknown(control, source)]
        sources.setdefault(control.id, source)
        controls.setdefault(control.id, control)
    problems += [each for control in controls.values() for each in _breaks(control, sources, controls)]
    if problems:
        raise ProblemError(problems)
    return Controls(by_id={name: controls[name] for name in sorted(controls)}, sources=sources)


def _files(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    if not folder.is_dir():
        what = "there is no such folder of controls."
        remedy = "Take it from Garrison's repository, or name the right one."
        problems.append(Problem(where=shown(folder), id="controls.folder", what=what, remedy=remedy))
        return
    yield from sorted(path for path in folder.glob("*/*.yaml") if path.is_file())


def _misplaced(control: Control, source: Source, sources: Mapping[str, Source]) -> Iterator[Problem]:
    if not source.path.stem.startswith(f"{control.id}-"):
        yield Problem(
            where=source.where("id"),
            id="controls.file-name",
            what=f"the control is {control.id} but its file {source.path.name!r}.",
            remedy=f"Name the file {control.id}-SLUG.yaml, or mend the id.",
        )
    if control.id in sources:
        yield Problem(
            where=source.where("id"),
            id="controls.duplicate-id",
            what=f"a control {control.id} is already in {sources[control.id].where('id')}.",
            remedy="Give one of the two another id.",
        )


def _breaks(
    control: Control, sources: Mapping[str, Source], known: Mapping[str, Control]
) -> Iterator[Problem]:
    for place, other in control.broken_by.names if control.broken_by else ():
        if other not in known:
            yield Problem(
                where=sources[control.id].where("broken_by", *place),
                id="controls.unknown-control",
                what=f"there is no control {other}.",
                remedy="Name one that exists, or take it out.",
            )
