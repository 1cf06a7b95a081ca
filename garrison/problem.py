"""What went wrong, where, and what mends it: the one shape of every error a user can cause."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One finding: ``where`` comes first so that a sorted list reads file by file."""

    where: str
    id: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}"


class ProblemError(Exception):
    """Raised with every problem of one piece of input at once, never with just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
