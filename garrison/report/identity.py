"""What of a finding's words says which finding it is, and what of them is another in every run."""

import re

from garrison.problem import Problem

# Days and times that go by: S34 counts the days until a change of a password, F14 says when a change was taken back.
_NUMBERS_PASS = frozenset({"S34", "F14", "containers-are-the-declared-ones.twice"})
# The state of a moment, or addresses that a deploy gives out anew: the place alone says which finding it is.
_PASSING = frozenset(
    {
        "containers-are-the-declared-ones.stopped",
        "containers-are-supervised.health",
        "containers-are-supervised.unit",
        "pairs-are-the-declared-ones.closed",
        "pairs-are-the-declared-ones.closed-by-name",
        "pairs-are-the-declared-ones.open",
        "pairs-are-the-declared-ones.name",
    }
)


def lasting(problem: Problem) -> str:
    """Those of its words that are the same as long as nothing on the host changes."""
    if problem.id in _PASSING:
        return ""
    return re.sub(r"\d+", "#", problem.what) if problem.id in _NUMBERS_PASS else problem.what
