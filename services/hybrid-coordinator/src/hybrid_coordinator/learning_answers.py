"""What clients get of what was learnt: interactions, patterns, training data, counts."""

from typing import Literal

from hybrid_coordinator.answers import Answer
from hybrid_coordinator.knowledge import Outcome, Scalar


class Tracked(Answer):
    """An interaction and what it is worth; ``is_high_value``: later queries are given it."""

    id: str
    status: Literal["created", "updated"]
    outcome: Outcome
    user_feedback: float | None
    value: float
    is_high_value: bool
    reusability: float
    complexity: float
    novelty: float


class InteractionFound(Answer):
    """An interaction as it is kept."""

    id: str
    query: str
    response: str
    client: str
    agent_type: str
    context_ids: list[str]
    outcome: Outcome
    user_feedback: float | None
    value: float
    is_high_value: bool
    reusability: float
    complexity: float
    novelty: float
    created_at: str
    updated_at: str
    metadata: dict[str, Scalar]


class Extracted(Answer):
    """What an extraction did; not ``is_done``: there is more, run it again."""

    read: int
    groups: int
    patterns_written: int
    patterns_removed: int
    offset: str
    is_done: bool


class Stats(Answer):
    """Counted since the first start."""

    total_queries: int
    context_hits: int
    context_hit_rate: float
    last_query_at: str | None
    agent_types: dict[str, int]
    interactions: int
    outcomes: int
    feedback: int
    contributions: int
    turns: int
    answers: int
    extracted: int


class TrainingRecord(Answer):
    """One line of training data."""

    id: str
    messages: list[dict[str, str]]
    agent_type: str
    outcome: Outcome
    value: float
    created_at: str
