"""How valuable an interaction is for later ones, between 0 and 1."""

import re

from hybrid_coordinator.knowledge import Outcome
from hybrid_coordinator.tokens import count_tokens

OUTCOME, FEEDBACK, REUSABILITY, COMPLEXITY, NOVELTY = 0.4, 0.2, 0.2, 0.1, 0.1
# With "unknown" at 0.25 no interaction can reach 0.7 before somebody has said how it ended.
OUTCOMES: dict[Outcome, float] = {"success": 1.0, "partial": 0.5, "unknown": 0.25, "failure": 0.0}

# Space before a sign is of its own line: across lines, a text of empty lines would take the square of its length.
_CODE = re.compile(r"```|^[^\S\n]*(?:\$|#)\s\S|`[^`\n]+`", re.MULTILINE)
_STEPS = re.compile(r"^[^\S\n]*(?:\d+[.)]|[-*])\s", re.MULTILINE)
# What belongs to one machine, one person or one moment is of little use to the next who asks.
_SPECIFIC = (
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE),
    re.compile(r"\b[0-9a-f]{16,}\b", re.IGNORECASE),
    re.compile(r"/(?:home|Users)/[\w.-]+"),
    re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}\b"),
    re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d"),
)


def clamp(number: float) -> float:
    """The number, not below 0 and not above 1."""
    return min(1.0, max(0.0, number))


def has_code(text: str) -> bool:
    """Whether there is code or a command in it."""
    return _CODE.search(text) is not None


def reusability_of(response: str) -> float:
    """Half, more for code, steps and a body of some length, less for each kind of detail of one place or time."""
    score = 0.5
    score += 0.2 if has_code(response) else 0.0
    score += 0.15 if _STEPS.search(response) else 0.0
    score += 0.15 if 80 <= len(response) <= 8000 else 0.0
    score -= 0.15 * sum(pattern.search(response) is not None for pattern in _SPECIFIC)
    return clamp(score)


def complexity_of(query: str, response: str, contexts: int) -> float:
    """Grows with the length of both, with code in them, and with the contexts that were needed."""
    length = min(1.0, count_tokens(query) / 200) * 0.25 + min(1.0, count_tokens(response) / 800) * 0.35
    return clamp(length + 0.2 * has_code(query + "\n" + response) + 0.2 * min(1.0, contexts / 5))


def novelty_of(nearest: float | None) -> float:
    """How far the nearest other interaction is; ``nearest`` is its cosine, None when there is no other."""
    return 1.0 if nearest is None else clamp(1.0 - nearest)


def value_of(
    *, outcome: Outcome, user_feedback: float | None, reusability: float, complexity: float, novelty: float
) -> float:
    """The weighted sum; feedback goes from -1 to 1, and none counts as neither good nor bad."""
    feedback = 0.5 if user_feedback is None else (user_feedback + 1) / 2
    return round(
        clamp(
            OUTCOME * OUTCOMES[outcome]
            + FEEDBACK * feedback
            + REUSABILITY * reusability
            + COMPLEXITY * complexity
            + NOVELTY * novelty
        ),
        4,
    )
