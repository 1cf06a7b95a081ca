"""What came of one control, or one deviation, on one host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from garrison.evidence.waivers import PlacedWaiver
from garrison.problem import Problem


class State(StrEnum):
    """Only ``failed`` is a failure; none of the others is shown as passed."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    DEVIATES = "deviates"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class ControlFinding:
    """A problem, and the waiver that covers it if there is a valid one. What is unseen wasn't measured at all."""

    problem: Problem
    waiver: PlacedWaiver | None = None
    is_unseen: bool = False


@dataclass(frozen=True, kw_only=True)
class ControlVerdict:
    """``note`` says why it isn't applicable, or how and why we deviate; ``where`` is the record's file."""

    host: str
    control: str
    title: str
    family: str
    level: str
    severity: str
    state: State
    findings: tuple[ControlFinding, ...] = ()
    note: str = ""
    why: str = ""
    remedy: str = ""
    where: str = ""
    standards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[Problem, ...]:
        """The problems that nobody answers for; none unless it failed."""
        if self.state is not State.FAILED:
            return ()
        return tuple(one.problem for one in self.findings if one.waiver is None)
