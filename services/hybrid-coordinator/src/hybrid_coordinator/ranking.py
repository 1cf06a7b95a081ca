"""Orders what several collections found: by meaning, moved by what earlier users said of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hybrid_coordinator.knowledge import Collection, Entry
from hybrid_coordinator.scoring import clamp

FEEDBACK_WEIGHT = 0.2
# One vote moves a score by a third of what many can: the first who clicks doesn't decide for everybody.
FEEDBACK_PRIOR = 2


@dataclass(frozen=True, kw_only=True)
class Votes:
    """All ratings of one context, each between -1 and 1."""

    total: float
    count: int

    @property
    def shift(self) -> float:
        """What they add to its score."""
        return FEEDBACK_WEIGHT * self.total / (self.count + FEEDBACK_PRIOR)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A point that a search found; ``similarity`` is its cosine, ``score`` what it is ranked by."""

    collection: Collection
    id: str
    similarity: float
    score: float
    entry: Entry


def rank(hits: Iterable[Hit], votes: Mapping[str, Votes]) -> list[Hit]:
    """Best first; what ties is ordered by id, so that pages never overlap."""
    moved = [
        replace(hit, score=round(clamp(hit.similarity + votes[hit.id].shift), 6)) if hit.id in votes else hit
        for hit in hits
    ]
    return sorted(moved, key=lambda hit: (-hit.score, hit.id))


def drop_repeats(hits: Sequence[Hit]) -> list[Hit]:
    """Without those whose text an earlier one has already."""
    seen: set[str] = set()
    kept = []
    for hit in hits:
        text = " ".join(hit.entry.text.split()).casefold()
        if text not in seen:
            seen.add(text)
            kept.append(hit)
    return kept
