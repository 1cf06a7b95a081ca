"""One control on one host as every report tells it, and all of them together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from garrison.controls.result import State
from garrison.problem import Problem
from garrison.report.identity import lasting


@dataclass(frozen=True, kw_only=True)
class Found:
    """One finding; ``waiver`` says until when and by whom it is waived, and is empty where nobody answers for it."""

    problem: Problem
    waiver: str = ""


@dataclass(frozen=True, kw_only=True, order=True)
class Key:
    """By what a failure is recognised in another run; ``what`` are its words, without those that pass."""

    host: str
    control: str
    finding: str
    where: str
    what: str = ""

    @classmethod
    def of(cls, host: str, control: str, problem: Problem) -> Self:
        """The key of this failure of ``control``."""
        return cls(host=host, control=control, finding=problem.id, where=problem.where, what=lasting(problem))

    def __str__(self) -> str:
        return f"{self.host} {self.control} {self.where} ({self.finding}): {self.what}".removesuffix(": ")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One control on one host. ``note`` says why it isn't applicable, or why and how we deviate."""

    host: str
    control: str
    title: str
    family: str
    level: str = "baseline"
    severity: str = "medium"
    state: State
    findings: tuple[Found, ...] = ()
    note: str = ""
    why: str = ""
    remedy: str = ""
    standards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[Problem, ...]:
        """The findings that nobody answers for; none unless the control failed."""
        if self.state is not State.FAILED:
            return ()
        return tuple(one.problem for one in self.findings if not one.waiver)

    @property
    def keys(self) -> frozenset[Key]:
        """One for each failure; a control that failed without a finding has one for itself."""
        if self.state is not State.FAILED:
            return frozenset()
        problems = self.failures or (Problem(where=self.host, id=self.control, what="", remedy=""),)
        return frozenset(Key.of(self.host, self.control, one) for one in problems)

    def cite(self, most: int | None = None) -> str:
        """The standards in one line, of each at most that many sections."""
        return "; ".join(f"{name} {_few(sections, most)}" for name, sections in self.standards.items())


def _few(sections: tuple[str, ...], most: int | None) -> str:
    said = ", ".join(sections[:most])
    rest = len(sections) - len(sections[:most])
    return f"{said} and {rest} more" if rest else said


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole run: ``levels`` has every host with the level it was held to, in the order of the inventory.

    ``unanswered`` are the hosts that couldn't be looked at, each with what went wrong. ``known`` are the failures
    that a baseline already had, ``fixed`` those of it that are gone; both are None where nothing was compared.
    ``time`` is when the run ended, as ISO 8601 in UTC.
    """

    inventory: str
    time: str
    levels: Mapping[str, str]
    results: tuple[Result, ...] = ()
    unanswered: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    known: frozenset[Key] | None = None
    fixed: tuple[Key, ...] | None = None

    def of(self, host: str) -> tuple[Result, ...]:
        """The results of one host."""
        return tuple(one for one in self.results if one.host == host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host, in the order of the inventory."""
        return tuple(self.levels)

    @property
    def places(self) -> tuple[str, ...]:
        """Every host, and before them what belongs to none (the waivers' own verdict)."""
        others = dict.fromkeys(one.host for one in self.results if one.host not in self.hosts)
        return (*others, *self.hosts)

    def is_known(self, result: Result) -> bool:
        """Whether it failed, and in nothing that the baseline didn't have."""
        return bool(self.known) and bool(result.keys) and result.keys <= (self.known or frozenset())

    @property
    def new(self) -> tuple[Result, ...]:
        """What failed and isn't known: this is what makes a run fail."""
        return tuple(one for one in self.results if one.state is State.FAILED and not self.is_known(one))

    @property
    def exit_code(self) -> int:
        """2 when a host couldn't be looked at, else 1 when something failed, else 0."""
        return 2 if self.unanswered else int(bool(self.new))


def count(results: tuple[Result, ...]) -> Mapping[State, int]:
    """How many there are of each state, in the order of the states; zeros too."""
    counted = Counter(one.state for one in results)
    return {state: counted[state] for state in State}


def count_line(results: tuple[Result, ...]) -> str:
    """The counts as words, without the zeros."""
    return (
        ", ".join(f"{number} {state}" for state, number in count(results).items() if number)
        or "nothing measured"
    )
