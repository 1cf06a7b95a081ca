"""What clients get."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from hybrid_coordinator.knowledge import Collection, Interaction, Knowledge, Scalar
from hybrid_coordinator.ranking import Hit


class Answer(BaseModel):
    """A JSON answer."""

    model_config = ConfigDict(frozen=True)


class ContextRef(Answer):
    """Where a context came from."""

    id: str
    collection: Collection
    score: float
    title: str

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """The reference to a hit."""
        return cls(id=hit.id, collection=hit.collection, score=hit.score, title=hit.entry.title)


class Found(Answer):
    """A hit; ``similarity`` is its cosine, ``score`` has feedback added."""

    id: str
    collection: Collection
    score: float
    similarity: float
    title: str
    content: str
    updated_at: str
    metadata: dict[str, Scalar]

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """The whole hit."""
        entry = hit.entry
        metadata = entry.metadata if isinstance(entry, Knowledge | Interaction) else {}
        return cls(
            id=hit.id,
            collection=hit.collection,
            score=hit.score,
            similarity=round(hit.similarity, 6),
            title=entry.title,
            content=entry.text,
            updated_at=entry.updated_at,
            metadata=metadata,
        )


class SearchPage(Answer):
    """One page of hits, best first."""

    results: list[Found]
    limit: int
    offset: int
    has_more: bool
    query_time_ms: float


class Contributed(Answer):
    """What became of a contribution; ``context_ids`` are its parts."""

    id: str
    status: Literal["created", "updated", "unchanged"]
    collection: Collection
    context_ids: list[str]


class CollectionState(Answer):
    """One collection; ``recallable`` of its points can be given with a query."""

    name: Collection
    points: int
    recallable: int
    min_score: float


class CollectionList(Answer):
    """All collections, and what their vectors are."""

    collections: list[CollectionState]
    model: str
    dimension: int


class Augmented(Answer):
    """The query with its contexts."""

    augmented_prompt: str
    original_query: str
    context_ids: list[str]
    context_count: int
    contexts: list[ContextRef]
    token_count: int


class Turned(Answer):
    """What a turn gives that its session has not had."""

    session_id: str
    turn_number: int
    context: str
    context_ids: list[str]
    contexts: list[ContextRef]
    suggestions: list[str]
    token_count: int
    collections_searched: list[Collection]


class SessionInfo(Answer):
    """What is known of a session."""

    session_id: str
    turns: int
    context_level: str
    created_at: str
    last_turn_at: str
    expires_in: int
    contexts_given: int
    queries: list[str]


class SessionCleared(Answer):
    """A session is gone."""

    status: Literal["cleared"] = "cleared"
    session_id: str


class Suggestion(Answer):
    """What the collections have for a gap."""

    gap: str
    query: str
    collection: Collection
    context_id: str
    score: float


class Evaluated(Answer):
    """What was stored of feedback, and what could close its gaps."""

    suggested_queries: list[Suggestion]
    unanswered_gaps: list[str]
    estimated_confidence_increase: float
    should_refine: bool
    rated_context_ids: list[str]
    unknown_context_ids: list[str]
    available_collections: list[Collection]
    session_info: SessionInfo


class Routed(Answer):
    """Who answers a question, and why; ``wanted`` differs where the remote is wanted and not configured."""

    route: Literal["local", "remote"]
    wanted: Literal["local", "remote"]
    reason: str
    confidence: float
    threshold: float
    context: float
    history: float
    simplicity: float
    prompt_tokens: int
    contexts: list[ContextRef]


class Usage(Answer):
    """Tokens, as the model counted them."""

    prompt_tokens: int
    completion_tokens: int


class Answered(Answer):
    """A model's answer."""

    answer: str
    model: str
    usage: Usage
    context_ids: list[str]
    routing: Routed
