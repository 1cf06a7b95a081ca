"""How far the local model is trusted with a question, and by whom it is answered therefore."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hybrid_coordinator.knowledge import Outcome
from hybrid_coordinator.scoring import OUTCOMES, clamp, has_code
from hybrid_coordinator.tokens import count_tokens

CONTEXT, HISTORY, SIMPLICITY = 0.4, 0.3, 0.3
_BEST = 3
Route = Literal["local", "remote"]


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """The three parts and their weighted sum, each between 0 and 1."""

    context: float
    history: float
    simplicity: float

    @property
    def total(self) -> float:
        """0.4 context + 0.3 history + 0.3 simplicity."""
        return round(clamp(CONTEXT * self.context + HISTORY * self.history + SIMPLICITY * self.simplicity), 4)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who answers; ``wanted`` differs from ``route`` where a remote would be better but there is none."""

    route: Route
    wanted: Route
    reason: str
    confidence: Confidence


def context_part(scores: Sequence[float]) -> float:
    """The mean of the three best scores, feedback included; a missing one counts as 0."""
    return clamp(sum(sorted(scores, reverse=True)[:_BEST]) / _BEST)


def history_part(outcomes: Sequence[tuple[Outcome, float | None]]) -> float:
    """How similar interactions ended and were liked; a half where nothing is known."""
    known = [
        OUTCOMES[outcome] if liked is None else (OUTCOMES[outcome] + (liked + 1) / 2) / 2
        for outcome, liked in outcomes
        if outcome != "unknown"
    ]
    # Two imagined middling ones keep a single success or failure from deciding.
    return (sum(known) + 1.0) / (len(known) + 2)


def simplicity_part(prompt: str, window: int) -> float:
    """1 for a short plain question; less with length, several questions, and code."""
    length = min(1.0, count_tokens(prompt) / (window / 2))
    questions = min(1.0, max(0, prompt.count("?") - 1) / 4)
    return clamp(1.0 - 0.6 * length - 0.2 * questions - 0.2 * has_code(prompt))


def decide(
    confidence: Confidence, *, threshold: float, prompt_tokens: int, window: int, has_remote: bool
) -> Decision:
    """Local from the threshold on, if the prompt fits the local model's window; else remote, if there is one."""
    fits = prompt_tokens < window
    wanted: Route = "local" if fits and confidence.total >= threshold else "remote"
    if not fits:
        reason = f"the prompt's {prompt_tokens} tokens don't fit the local model's {window}"
    else:
        relation = "reaches" if wanted == "local" else "is below"
        reason = f"confidence {confidence.total:.2f} {relation} {threshold:.2f}"
    if wanted == "remote" and not has_remote:
        return Decision(
            route="local",
            wanted=wanted,
            reason=f"{reason}; no remote is configured",
            confidence=confidence,
        )
    return Decision(route=wanted, wanted=wanted, reason=reason, confidence=confidence)
