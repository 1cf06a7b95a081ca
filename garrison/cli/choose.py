"""Which controls a run tells of: all, or those that ``--controls`` names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from garrison.catalog.validate import near
from garrison.controls.code import needs_probes
from garrison.controls.conditions import Code, Condition, Evidence
from garrison.controls.deviations import PlacedDeviation
from garrison.controls.evidence_keys import PROBED
from garrison.controls.load import Controls
from garrison.problem import Problem, ProblemError
from garrison.report.result import Result


@dataclass(frozen=True, kw_only=True)
class Choice:
    """``ids`` is None for everything, what belongs to no control included."""

    ids: frozenset[str] | None
    needs_probes: bool

    def pick(self, results: Iterable[Result]) -> tuple[Result, ...]:
        """The chosen ones of them."""
        return tuple(one for one in results if self.ids is None or one.control in self.ids)


def choose(patterns: str | None, controls: Controls, deviations: Sequence[PlacedDeviation]) -> Choice:
    """The controls and deviations that ``patterns`` (separated by commas) name.

    Raises ProblemError for a pattern that names none.
    """
    if patterns is None:
        return Choice(ids=None, needs_probes=True)
    known = [*controls.by_id, *(one.deviation.id for one in deviations)]
    words = [word.strip() for word in patterns.split(",") if word.strip()]
    unknown = [word for word in words or [patterns] if not any(fnmatchcase(one, word) for one in known)]
    if unknown:
        raise ProblemError(_unknown(word, known) for word in unknown)
    ids = frozenset(one for one in known if any(fnmatchcase(one, word) for word in words))
    return Choice(
        ids=ids, needs_probes=any(_is_probed(name, controls) for name in _with_reasons(ids, deviations))
    )


def _with_reasons(ids: frozenset[str], deviations: Sequence[PlacedDeviation]) -> frozenset[str]:
    """They, and whatever makes up for them where they deviate."""
    making_up = {
        name
        for one in (placed.deviation for placed in deviations)
        if one.id in ids or one.control in ids
        for name in one.compensated_by
    }
    return ids | making_up


def _is_probed(name: str, controls: Controls) -> bool:
    control = controls.by_id.get(name)
    return any(_asks_probes(one) for one in (control.holds if control else ()))


def _asks_probes(condition: Condition) -> bool:
    if isinstance(condition, Code):
        return needs_probes(condition.name)
    return isinstance(condition, Evidence) and condition.check in PROBED


def _unknown(word: str, known: Sequence[str]) -> Problem:
    return Problem(
        where="--controls",
        id="controls.unknown",
        what=f"no control is called {word!r}.",
        remedy=near(word, known, "docs/controls.md lists them; S* means all that begin with S."),
    )
